50+0 records in
50+0 records out
52428800 bytes (52 MB, 50 MiB) copied, 0.00112245 s, 46.7 GB/s
