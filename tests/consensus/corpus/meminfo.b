MemTotal:       24684092 kB
MemFree:        23250076 kB
MemAvailable:   23557076 kB
Buffers:            3656 kB
Cached:           438760 kB
