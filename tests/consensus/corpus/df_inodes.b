Filesystem       Inodes  IUsed    IFree IUse% Mounted on
/dev/vda       16777216 447868 16329348    3% /
