procs -----------memory---------- ---swap-- -----io---- -system-- ------cpu-----
 r  b   swpd   free   buff  cache   si   so    bi    bo   in   cs us sy id wa st
 5  0      0 23250076   3656 642700    0    0   593  1838  247  522 56  9 35  0  0
