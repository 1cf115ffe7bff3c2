# attack: make the log read other than it is: bidirectional marks, terminal codes, halves of pairs, other line ends
# expect: stopped
# control: no, there is nothing to compare with
print("safe \u202egnp.exe \x1b[2J \x00 \ud800 \x85 \u2028")
log("two\nlines \u2066x")
result = "stopped: the driver looks at what arrived"
