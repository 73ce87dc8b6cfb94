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

## Events
## What the event list's second column says.

verb-publish = publish
verb-route = route
verb-unroutable = unroutable
verb-ready = ready
verb-deliver = deliver
verb-receive = receive
verb-start = start
verb-finish = finish
verb-ack = ack
verb-requeue = requeue
verb-reject = reject
verb-consume = consume
verb-cancel = cancel

default-exchange = the default exchange
message-number = message { $number }
list-more = { $names } and { $count } more

event-publish = { $publisher } published { $message } to { $exchange }
event-route = { $exchange } routed { $message } → { $queues }
event-route-refused = { $exchange } routed { $message } → { $queues } ({ $refused } refused)
event-unroutable = no binding of { $exchange } matched { $message }: it ends here
event-unroutable-onward = { $exchange } led { $message } to exchanges, but to no queue: it ends here
event-unroutable-name = no queue is called { $key }: the message ends here
event-unroutable-unnamed = an empty routing key names no queue: { $message } ends here
event-ready = { $copy } ready in { $queue }
event-deliver = { $queue } { $again ->
        [yes] redelivered
       *[no] delivered
    } { $message } to { $consumer }{ $settled ->
        [yes] { "" } (no ack asked)
       *[no] { "" }
    }
event-receive = { $consumer } received { $copy }
event-start = { $consumer } started on { $copy }
event-finish = { $consumer } finished { $copy }
event-finish-ack = { $consumer } finished { $copy } and sent its ack
event-finish-requeue = { $consumer } failed on { $copy } and sent it back
event-finish-reject = { $consumer } failed on { $copy } and rejected it
event-finish-lost = { $consumer } failed on { $copy }, which is lost
event-ack = { $consumer } acknowledged { $copy }
event-requeue = { $copy } is back in { $queue }, from { $consumer }
event-reject = { $consumer } rejected { $copy }: it ends here
event-consume = { $consumer } consumes from { $queue }
event-cancel = { $consumer } stopped consuming from { $queue }

coming-publish = { $publisher } publishes { $message }
coming-exchange = { $message } reaches { $exchange }
coming-queue = { $copy } reaches { $queue }
coming-consume = { $consumer } begins to consume from { $queue }
coming-consumer = { $message } reaches { $consumer }
coming-finish = { $consumer } finishes { $message }
coming-ack = the ack of { $copy } reaches { $queue }
coming-requeue = { $copy } returns to { $queue }
coming-reject = the reject of { $copy } reaches { $queue }

## Why
## The reason of one binding's verdict.

why-name-equal = the key is this queue’s name
why-name-differs = the key is not this queue’s name
why-keys-equal = the keys are equal
why-word-differs = { $wanted } is not { $found }
why-fanout = a fanout exchange ignores the key
why-topic-words = every word is equal
why-topic-empty = both are empty
why-topic-star = * takes one word
why-topic-hash = # takes any number of words
why-topic-both = * takes one word, # any number
why-topic-short = the key has no word left for { $wanted }
why-topic-long = nothing in the pattern for { $found }
why-headers-nothing-all = nothing to compare: { $mode } matches
why-headers-nothing-any = nothing to compare: { $mode } does not match
why-headers-every = { $mode }, and each agrees: { $headers }
why-headers-not-every = { $mode } needs every header: { $header }
why-headers-one = { $mode } needs one: { $header }
why-headers-none = { $mode } needs one, and none agrees: { $headers }
why-header-is = { $name } is { $value }
why-header-is-not = { $name } is { $value }, not { $wanted }
why-header-there = { $name } is there
why-header-missing = { $name } is missing
why-already-queue = matched too, but { $queue } has its copy already (one copy for each queue)
why-already-exchange = matched too, but { $exchange } has the message already (each exchange decides once)
quoted = “{ $text }”

## Commands
## What the commands print.

check-ok = { $count ->
        [0] ok, but it expects nothing
        [one] ok, 1 expectation holds
       *[other] ok, all { $count } expectations hold
    }
check-summary = { $ok } ok, { $failed } failed
check-empty-folder = there is no .ron file in this folder; name the one that your scenarios are in
check-closed-folder = this folder cannot be read: { $error }
explain-routed = routed to { $count ->
        [one] 1 queue
       *[other] { $count } queues
    }: { $queues }
explain-unroutable = unroutable: no queue gets a copy
explain-refused = refused: { $what }
explain-no-bindings = no bindings
explain-did-you-mean = did you mean “{ $name }”?
explain-exchanges = the exchanges are { $names }; "" is the default exchange
explain-only-default = only the default exchange is there, besides RabbitMQ’s own amq.*; its name is ""
run-summary = until { $until }: { $published } published, { $unroutable } unroutable, { $delivered } delivered, { $acked } acknowledged, { $requeued } requeued, { $rejected } rejected
table-queue = queue
table-consumer = consumer
table-ready = ready
table-unacked = unacked
table-delivered = delivered
table-acked = acked
