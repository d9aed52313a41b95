127.0.0.1 localhost
127.0.0.1 runsc
127.0.0.1 web02
