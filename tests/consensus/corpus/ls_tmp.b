/tmp/tmp.L2mlb18aEh
/tmp/tmp.dnqplUXtuK
