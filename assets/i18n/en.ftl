# Every word of the window, in English. One key a line; values in { $braces }; plurals as Project Fluent writes them.
# Keys are grouped by where their words are seen.

## Names

app-name = Leveret
window-title = { $scenario } – Leveret

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
canvas-held = { $count } unacked
canvas-held-of = { $count } of { $limit }
canvas-rate = { $rate } msg/s
canvas-ack = ack
canvas-requeue = requeue
canvas-reject = reject
span-seconds = { $number } s
span-millis = { $number } ms
span-micros = { $number } µs
pace-even = every { $every }
pace-random = at random, about every { $every }
pace-burst = { $size } at once, every { $every }
pace-burst-row = { $size } in a row, every { $every }
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
message-named = { $number } ({ $label })
message-new = a message
list-more = { $names } and { $count } more

event-publish = { $publisher } published { $message } to { $exchange }
event-route = { $exchange } routed { $message } → { $queues }
event-route-refused = { $exchange } routed { $message } → { $queues }; refused: { $refused }
event-unroutable = no binding of { $exchange } matched { $message }: the message ends
event-unroutable-onward = { $exchange } led { $message } to exchanges, but to no queue: the message ends
event-unroutable-name = no queue is called { $key }: { $message } ends
event-unroutable-unnamed = an empty routing key names no queue: { $message } ends
event-ready = { $copy } ready in { $queue }
event-deliver = { $queue } { $again ->
        [yes] redelivered
       *[no] delivered
    } { $copy } to { $consumer }{ $settled ->
        [yes] ; no ack asked
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
event-reject = { $consumer } rejected { $copy }: the message ends
event-consume = { $consumer } consumes from { $queue }
event-cancel = { $consumer } stopped consuming from { $queue }

coming-publish = { $publisher } publishes { $message }
coming-exchange = { $message } reaches { $exchange }
coming-queue = { $copy } reaches { $queue }
coming-consume = { $consumer } begins to consume from { $queue }
coming-consumer = { $copy } reaches { $consumer }
coming-finish = { $consumer } finishes { $copy }
coming-ack = { $consumer }’s ack of { $copy } reaches queue { $queue }
coming-requeue = { $copy } returns to queue { $queue }
coming-reject = { $consumer }’s reject of { $copy } reaches queue { $queue }

## Why
## The reason of one binding's verdict.

why-name-equal = the key is this queue’s name
why-name-differs = the key is not this queue’s name
why-keys-equal = the keys are equal
why-word-differs = { $wanted } is not { $found }
why-always = a fanout exchange ignores the key
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
label-publisher = publisher { $name }: { $count } published
label-exchange = exchange { $name }, { $kind }
label-queue = queue { $name }: { $ready } ready, { $unacked } unacked
label-consumer = consumer { $name }: { $unacked } unacked
canvas-label = canvas: publishers, exchanges, queues and consumers

## Actions

action-play-pause = Play or pause
action-step-forward = One event forward
action-step-back = One event back
action-restart = Back to the start
action-faster = Faster
action-slower = Slower
action-scenarios = Scenarios
action-open = Open a file
action-fit = Show all of the canvas
action-zoom-in = Closer to the canvas
action-zoom-out = Further from the canvas
action-reset-layout = Put moved things back
action-inspector = Inspector
action-events = Event list
action-theme = Light or dark
action-reduced-motion = Reduced motion
action-larger = Larger
action-smaller = Smaller
action-actual-size = Actual size
action-help = Keys
close = Close

## Top bar

menu-scenarios = Scenarios
menu-open = Open
menu-view = View
menu-help = Help

## Transport bar

transport-play = Play
transport-pause = Pause
transport-speed = { $speed }×
transport-speed-tip = Speed; { $slower } is slower, { $faster } is faster
transport-clock = { $seconds } s
transport-slider = Moment of the run
transport-slider-tip = Drag to go to any moment of the run

## Event list

events-title = What happened
events-close = Close the event list
events-none = Nothing yet. Press play, or step forward.

## Gallery

gallery-title = Scenarios
gallery-open = Open a file …
gallery-drop = or drop one on the window
open-title = Open a scenario
open-filter = Scenarios

## Help

help-title = Keys
help-or = { " or " }
help-consumer = A consumer’s ring fills while it works on a message. Its squares are its prefetch: one for each delivery it may hold, filled while that one is unacked.
help-queue = In a queue, ready messages stand in line, the head at the right. Behind the dotted line are those delivered and not yet acknowledged.
help-binding = When an exchange decides, the bindings that match turn thick and blue, the others dashed and orange.
help-mouse = Drag the canvas to move it, turn the wheel to zoom, double-click it to see all of it. Click anything to ask about it; drag a publisher, exchange, queue or consumer to move it. Double-click an event to go to its moment.

## Problems

problems-title = { $file } could not be opened
problems-line = line { $line }, column { $column }: { $what }
problems-more = { $count ->
    [one] One more problem is not listed.
   *[other] { $count } more problems are not listed.
}
problems-stays = “{ $title }” stays open.
problems-close = Close

## Hints

hint-step = Press Space to pause. Then → goes one event forward, ← one back.
hint-ask = Click a message, or anything else, to ask what it does and why.
hint-scenarios = When you have seen this one, there are more here.
hint-close = Close this hint

## Inspector

inspector-title = Inspector
inspector-close = Close the inspector
inspector-coming = Coming next
inspector-end = The run ends.
inspector-full = No more is kept: { $count } events have happened.
inspector-about = What happens here
inspector-teaches = What it teaches
inspector-how = How to look at it
inspector-how-text = Click a message, a line or a thing on the canvas and read about it here. Space pauses; the arrow keys go one event forward or back.

message-title = message { $number }
message-published = Published by { $publisher } at { $at } s.
message-published-copies = Published by { $publisher } at { $at } s. { $copies ->
    [0] No copy: no queue matched.
    [one] One copy.
   *[other] { $copies } copies.
}
message-story = Its story so far
message-row = { $number }  { $label }
message-row-redelivered = { $number }  { $label }  redelivered

property-exchange = exchange
property-routing-key = routing key
property-body = body
property-header = header { $name }
property-delivery-mode = delivery mode
property-persistent = 2 (persistent)
property-transient = 1 (transient)
property-content-type = content type
property-content-encoding = content encoding
property-priority = priority
property-correlation-id = correlation id
property-reply-to = reply to
property-expiration = expiration
property-message-id = message id
property-timestamp = timestamp
property-type = type
property-user-id = user id
property-app-id = app id

why-title = Why it went there
visit-default = The default exchange: the key is compared with the queues’ names.
visit-direct = exchange { $exchange } · direct · compares the whole key
visit-fanout = exchange { $exchange } · fanout · compares nothing
visit-topic = exchange { $exchange } · topic · compares word by word
visit-headers = exchange { $exchange } · headers · compares headers, not the key
why-no-bindings = Nothing is bound to this exchange.
why-more = { $count ->
    [one] One more binding is not listed.
   *[other] { $count } more bindings are not listed.
}
why-word = { $pattern } takes { $took }
why-matched = matched
why-not-matched = did not match
why-no-word = –
why-no-words = no word
why-not-reached = ·

kind-publisher = publisher
kind-exchange = exchange, { $kind }
kind-queue = queue, classic
kind-consumer = consumer
kind-binding = binding
kind-publishing = publishing
kind-consuming = consuming
rule-default = Every queue is bound to it by its own name, without anybody’s doing. A message goes to the queue that its routing key names.
rule-direct = A message goes along each binding whose key is the same as its routing key, letter by letter.
rule-fanout = A message goes along every binding. Its routing key does not matter.
rule-topic = Keys are words with dots between them. In a binding key, * stands for exactly one word and # for any number of words, also none.
rule-headers = A message goes by its headers: a binding asks for all of its arguments to agree, or for any. The routing key does not matter.
fact-pace = publishes
fact-exchange = to exchange
fact-published = published
fact-latency = hop takes
fact-reachable = can reach
fact-messages = What it publishes, in turn
fact-received = received
fact-unroutable = unroutable
fact-bindings = Its bindings
fact-bindings-implicit = Implicit: one for each queue, by the queue’s name.
binding-to = → { $destination }
binding-any = (every message)
fact-ready = ready
fact-unacked = unacked
fact-bound = Bound to
fact-in-line = In line, the head first
fact-nobody-waits = No message waits.
fact-held-by = Delivered, not yet acknowledged
fact-more = { $count ->
    [one] and one more
   *[other] and { $count } more
}
fact-queue = consumes from
fact-prefetch = prefetch
prefetch-none = no limit
prefetch-auto-ack = no limit: auto ack knows none
fact-ack = acknowledges
ack-manual = when it is done
ack-auto = not at all: auto ack
fact-service = one message
fact-fails = fails
failure = { $percent } % of the time, then { $then }
failure-lost = the message is lost
failure-requeue = the message is requeued
failure-reject = the message is rejected
fact-finished = finished
fact-failed = of them failed
fact-working = Working on
fact-idle = Nothing: it waits for a message.
fact-waiting = Received, waiting their turn
fact-source = source
fact-destination = destination
fact-binding-key = binding key
publish-now = Publish the next one now
publish-now-over = There is nothing more to publish, or the run has ended.
publish-now-tip = At this moment. What had happened after it is another story then.
exchange-unbound = Nothing is bound to it: whatever is published to it is unroutable.
exchange-cycle = It can be come back to along exchange-to-exchange bindings. A message visits each exchange only once all the same.
queue-unconsumed = Nobody consumes from it.
queue-unfed = Nothing on the canvas leads to it.
edge-title = { $from } → { $to }
edge-publish = { $from } publishes to { $to }.
edge-consume = { $to } consumes from { $from }: messages go forward, acknowledgements come back.
edge-implicit = An implicit binding: every queue is bound to the default exchange by its own name, here { $key }.
edge-rule-direct = Matches a message whose routing key is the same.
edge-rule-fanout = Matches every message.
edge-rule-topic = Matches word by word: * is exactly one word, # any number of them.
edge-rule-headers = Matches by the message’s headers.
