c58536b Change 3
b4be59c Change 2
fbb662c Change 1
