               total        used        free      shared  buff/cache   available
Mem:           24105         890       22911           8         634       23215
Swap:              0           0           0
