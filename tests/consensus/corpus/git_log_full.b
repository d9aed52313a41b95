commit c58536bfeb6d74f4fa9883f7d998c6e628a17953
Author: a <a@b>
Date:   Sun Nov 22 04:10:29 2026 +0000

    Change 3

commit b4be59c0324a27c7dc1b9027c67f19b9d7b47e83
Author: a <a@b>
Date:   Sun Nov 22 04:10:29 2026 +0000

    Change 2

commit fbb662cb0da23b458383b346589e781198af1319
Author: a <a@b>
Date:   Sun Nov 22 04:10:29 2026 +0000

    Change 1
