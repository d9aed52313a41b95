root     28294  0.0  0.0   4360  3312 ?        S    04:10   0:00 bash -c ps aux | grep '[p]s aux'
root     28295  0.0  0.0   8680  4592 ?        R    04:10   0:00 ps aux
