 04:10:25 up  1:59,  0 user,  load average: 6.34, 26.44, 22.17
