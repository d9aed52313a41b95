web02
web02
