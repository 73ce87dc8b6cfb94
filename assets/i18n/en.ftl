# Every word of the window, in English. One key a line; values in { $braces }; plurals as Project Fluent writes them.
# Keys are grouped by where their words are seen.

## Names

app-name = Leveret

## Canvas

canvas-default-exchange = default
canvas-default-exchange-kind = key = queue’s name
canvas-queue-counts = { $ready } ready · { $unacked } unacked
canvas-more = +{ $count }
canvas-unroutable = { $key }: no binding matches
canvas-unroutable-count = { $count } unroutable
canvas-rejected = rejected, not requeued
canvas-lost = lost: failed, auto ack
canvas-not-consuming = not consuming yet
canvas-auto-ack = auto ack
canvas-held = { $count } held
canvas-held-of = { $count } of { $limit }
canvas-rate = { $rate } msg/s
canvas-ack = ack
canvas-requeue = requeue
canvas-reject = reject
pace-even = every { $every }
pace-random = at random, about every { $every }
pace-burst = { $size } at once, every { $every }
pace-script = by script
service-fixed = takes { $span }
service-between = takes { $least } to { $most }
service-random = takes about { $mean }
