# Every word of the window, in English. One key a line; values in { $braces }; plurals as Project Fluent writes them.
# Keys are grouped by where their words are seen.

## Names

app-name = Leveret
