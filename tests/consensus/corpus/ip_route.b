default via 192.0.2.1 dev eth0 
192.0.2.0/24 dev eth0 proto kernel scope link src 10.0.0.2 
