# Every word of the window, in English. One key a line; values in { $braces }; plurals as Project Fluent writes them.
# Keys are grouped by where their words are seen.

## Names

app-name = Leveret
window-title = { $scenario } – Leveret

## Canvas

canvas-default-exchange = default
canvas-default-exchange-kind = key = queue’s name
canvas-default-exchange-narrow = default exchange
canvas-queue-counts = { $ready } ready · { $unacked } unacked
canvas-stack = ×{ $count }
canvas-more = +{ $count }
canvas-more-bindings = +{ $grouped } { $count ->
        [one] binding
       *[other] bindings
    }
canvas-left-out = { $hidden } of { $all } { $count ->
        [one] binding
       *[other] bindings
    } not drawn
canvas-left-out-lines = { $grouped } more { $count ->
        [one] line
       *[other] lines
    } not drawn
dot-dead-letter = dead-letter
dot-alternate = alternate
canvas-users-waiting = { $count ->
        [one] 1 user waiting, for { $longest }
       *[other] { $count } users waiting, longest { $longest }
    }
canvas-users-told = last told { $outcome } after { $waited }
canvas-workers = { $count ->
    [one] 1 worker
   *[other] { $count } workers
}
canvas-workers-held = { $count ->
    [one] 1 worker, held
   *[other] all { $count } workers held
}
canvas-dropped = lost with it
canvas-answer-lost = answer lost
canvas-late = answered too late
canvas-timed-out = timed out
canvas-answer = { $code } in { $waited }
canvas-try = timeout { $timeout } · try { $number }
canvas-try-only = try { $number }
canvas-pooled = { $count } waiting for a connection
canvas-breaker = circuit breaker open
condition-down = down since { $since }
condition-refusing = refuses since { $since }
condition-slow = { $factor } × slower
condition-failing = fails { $percent } %
condition-losing = { $percent } % of answers lost
order-name = order { $order }
label-users = { $name }, users, { $count } waiting
label-service = { $name }, service, { $held } of { $all } workers held
hover-users = { $waiting ->
        [0] nobody waits for an answer
        [one] 1 user waits for an answer
       *[other] { $waiting } users wait for an answer
    }
hover-service = { $time }; { $held } of { $all } workers held. A square is full while a worker works, half while it waits for others
hover-backlog = { $count } waiting for a worker
hover-unreachable = nothing answers there now
edge-call = { $from } calls { $to } and waits for the answer

# Two sides compared, in the window

compare-http = HTTP: the caller waits
compare-messaging = Messaging: the caller goes on
compare-http-one = { $entry } calls { $calls }, and answers after that
compare-http-in-turn = { $entry } calls { $calls }, and answers after that
compare-http-parallel = { $entry } calls { $calls } at once, and answers after that
compare-then = , then{ " " }
compare-messaging-way = { $entry } publishes and answers 202; queues keep what waits
compare-messaging-unconfirmed = { $entry } publishes and answers 202 at once, without a confirm
break-both = Break on both sides
break-subject = service that is broken or turned: { $service }
break-down = down
break-refusing = refuses
break-slow = { $factor } × slower
break-failing-tenth = 1 in 10 fails
break-failing = { $percent } % fail
break-losing = { $percent } % lost
break-broker = broker down
break-burst = burst × { $factor }
break-tip = From this moment on, on both sides; a second click puts it right
break-reset = Reset
break-reset-tip = Everything as in the file again
dial-rate = orders a second
dial-timeout = timeout
dial-retries = retries
dial-prefetch = prefetch
dial-time = time of { $service }
dial-workers = workers of { $service }
dials-more = More …
number-sent = { $grouped } { $count ->
    [one] order
   *[other] orders
} sent
number-answered = answered
number-failed = failed
number-lost = lost
number-waiting = users waiting
number-to-do = accepted, not done yet
number-user-wait = user waits p50·95·99
number-done-after = really done p50·95·99
number-held = workers held, mean
number-goodput = goodput
number-retries = tried again
number-duplicates = work done once more
number-in-time = done within { $deadline }
number-answered-tip = Users who were told that their order is done (200) or accepted (202).
number-failed-tip = Users who were told an error, or gave up waiting.
number-lost-tip = Orders that were accepted and will never be done.
number-waiting-tip = Users who have no answer yet; if it is long, since when the first of them waits.
number-to-do-tip = Orders that were accepted and still wait for work; if it is long, how old the oldest is.
number-user-wait-tip = How long users waited until they were told anything, errors among it: half of them no longer than p50, 95 and 99 in a hundred no longer than p95 and p99. Who still waits is not in it.
number-done-after-tip = How long after its user came all the work on an order was done, whatever the user was told: half of them no longer than p50, 95 and 99 in a hundred no longer than p95 and p99.
number-held-tip = How many workers of the first service were held, in the mean since the start.
number-retries-tip = Tries after the first: requests that were sent again; by messaging, orders that a service began on again.
number-duplicates-tip = How often a service did its work on an order that it had worked on before.
number-in-time-tip = Orders that were done within their deadline and whose users were not told otherwise. What comes later is of no use.
number-goodput-tip = Orders a second that were done and whose users were not told otherwise, in the mean since the start; with a deadline, within it.
number-of = { $mean } of { $all }
number-rate = { $rate }/s
number-none = –
number-tip = Click to plot it.
plot-percentiles = { $name }, pale to strong
plot-read = { $side }: { $value } at { $at } s
plot-seconds = { $number } s
plot-unit-seconds = { " " }s
plot-unit-rate = /s
verdict-question = What will differ between the two sides, and by how much?
verdict-show = Verdict
# On the button, in two lines.
verdict-after =
    Verdict
    after { $at }
verdict-not-yet = { $count ->
        [one] The verdict comes after the fault at { $at }.
       *[other] The verdict comes after the last fault, at { $at }.
    }
verdict-predict = Predict
verdict-hide = Hide
verdict-about = About
verdict-measured = As the file has it, at the end: { $answer }
verdict-why = Why
verdict-predicted = You predicted: { $text }
verdict-predicted-right = ✓ You predicted it: { $text }
verdict-predicted-wrong = ✗ You predicted: { $text }. It comes out as: { $right }
fact-time = its own work
fact-sent = orders sent
fact-workers = workers held
fact-backlog = may wait
fact-waiting-now = waiting
fact-answered = answered well
fact-failed-requests = answered badly or lost
fact-worked = orders worked on
fact-calls = calls
fact-timeout = timeout
fact-retries = retries
fact-unlimited = any number
fact-for-ever = for ever
fact-request = they ask
kind-users = users
kind-service = service
kind-call = HTTP call
order-http = Over HTTP
order-messaging = By messaging
order-nothing = Nothing has happened to it here yet.
mark-down = { $service } down
mark-refusing = { $service } refuses
mark-slow = { $service } { $factor } × slower
mark-failing = { $service } fails { $percent } %
mark-losing = { $service } loses { $percent } % of its answers
mark-broker = broker down
mark-surge = × { $factor } orders
canvas-unroutable = { $key }: no binding matches
canvas-unroutable-count = { $count } unroutable
canvas-untold = { $key }: cannot be told
canvas-untold-count = where { $count } went cannot be told
canvas-waits-until = { $count ->
    [one] 1 waits until { $next }
   *[other] { $count } wait, the next until { $next }
}
canvas-rejected = rejected, not requeued
canvas-lost = lost: auto ack
canvas-ended-unroutable = unroutable
canvas-ended-untold = cannot be told
canvas-ended-returned = returned
canvas-ended-refused = refused
canvas-ended-unsent = never read: its channel ended
canvas-ended-rolled-back = rolled back
canvas-ended-expired = expired
canvas-ended-max-length = dropped: the queue is full
canvas-ended-delivery-limit = returned too often
canvas-ended-turned-away = turned away: the queue is full
canvas-ended-cycle = goes round for ever: dropped
canvas-ended-purged = purged
canvas-ended-queue-deleted = gone with its queue
canvas-ended-truncated = too old for the stream
canvas-ended-lost = lost
canvas-not-consuming = not consuming
canvas-auto-ack = auto ack
canvas-held = { $count } unacked
canvas-held-of = { $count } of { $limit }
canvas-rate = { $rate } msg/s
canvas-rate-requests = { $rate } requests/s
canvas-ack = ack
canvas-requeue = requeue
canvas-reject = reject
canvas-confirm = confirm
canvas-nack = nack
canvas-return = return
canvas-gone = gone
canvas-not-yet = not declared yet
canvas-down = The broker is down: { $how ->
    [clean] it was shut down
   *[crash] it crashed
}
canvas-alarm = Alarm: low on { $what ->
    [memory] memory
    [disk] disk
   *[both] memory and disk
}. Who publishes is blocked.
canvas-blocked = blocked
canvas-blocking = will be blocked when it publishes
canvas-flow = flow: publishes too fast
canvas-waiting = { $count } in the socket
canvas-confirms = { $confirmed } confirmed · { $open } open
canvas-nacked = { $count } nacked
canvas-returned = { $count } returned
canvas-held-publishes = { $count } in the transaction
canvas-queue-delayed = { $count } wait for their retry
canvas-stream-counts = { $entries ->
    [one] 1 entry
   *[other] { $entries } entries
}
canvas-frame = connection { $name }
canvas-single-active-waits = waits for its turn
canvas-disconnected = not connected
canvas-no-channel = no channel
trait-quorum = quorum
trait-stream = stream
trait-reply-to = direct reply-to
trait-exclusive = exclusive
trait-transient = transient
trait-auto-delete = auto-delete
trait-internal = internal
trait-shovel = read by shovel { $name }
trait-federation = federated by { $name }
trait-single-active = single active
trait-priorities = priorities 0–{ $highest }
trait-ttl = TTL { $span }
trait-expires = expires unused { $span }
trait-max-length = at most { $count }
trait-max-bytes = at most { $count } bytes
trait-drop-head = drops the oldest
trait-reject-publish = rejects publishes
trait-reject-publish-dlx = rejects, dead-letters
trait-delivery-limit = delivery limit { $count }
trait-policy = policy { $name }
trait-consumer-priority = priority { $priority }
span-seconds = { $number } s
span-millis = { $number } ms
span-micros = { $number } µs
pace-even = every { $every }
pace-random = at random, about every { $every }
pace-burst = { $size } at once, every { $every }
pace-burst-row = { $size } in a row, every { $every }
pace-hand = only by hand
program-outside = a program
program-outside-time = as long as its program takes
pace-script = by script
service-fixed = takes { $span }
service-between = takes { $least } to { $most }
service-random = takes about { $mean }

## Events
## What the event list's second column says.

verb-publish = publish
verb-wait = wait
verb-unsent = unsent
verb-route = route
verb-unroutable = unroutable
verb-return = return
verb-hold = hold
verb-postpone = delay
verb-resume = go on
verb-recall = recall
verb-untold = cannot be told
verb-ready = ready
verb-overflow = overflow
verb-reject = reject
verb-expire = expire
verb-drop = drop
verb-exhaust = exhaust
verb-purge = purge
verb-lose = lose
verb-truncate = truncate
verb-deliver = deliver
verb-get = get
verb-read = read
verb-receive = receive
verb-ask = ask
verb-start = start
verb-finish = finish
verb-ack = ack
verb-credit = credit
verb-requeue = requeue
verb-delay = delay
verb-keep = keep
verb-resend = resend
verb-release = let go
verb-confirm = confirm
verb-nack = nack
verb-commit = commit
verb-rollback = rollback
verb-consume = consume
verb-cancel = cancel
verb-activate = activate
verb-declare = declare
verb-delete = delete
verb-bind = bind
verb-unbind = unbind
verb-policy = policy
verb-user = user
verb-deprecated = deprecated
verb-connect = connect
verb-open = open
verb-close = close
verb-learn = learn
verb-in-vain = in vain
verb-refuse = refuse
verb-block = block
verb-blocking = warn
verb-unblock = unblock
verb-flow = flow
verb-alarm = alarm
verb-stop = stop
verb-crash = crash
verb-up = up
verb-order = order
verb-call = call
verb-answer = answer
verb-time-out = time out
verb-back-off = back off
verb-skip = skip
verb-breaker = breaker
verb-answered = done
verb-failed = failed
verb-change = change

default-exchange = the default exchange
message-named = { $number } ({ $label })
message-new = a message
list-more = { $names } and { $count } more
consumer-gone = a consumer
channel-that-got = the channel that got it
connection-unnamed = a connection
binding-weight = weight { $weight }
binding-labelled = { $source } → { $destination } ({ $label })
binding-unlabelled = { $source } → { $destination }

event-publish = { $publisher } published { $message } to { $exchange }
event-wait = { $message } waits: connection { $connection } is not read now
event-unsent = { $message } is gone: its channel on connection { $connection } ended before the broker read it
event-route = { $exchange } routed { $letter ->
        [yes] dead-lettered { $message }
       *[no] { $message }
    } → { $queues }{ $detours ->
        [0] { "" }
       *[other] , by way of the alternate exchange { $alternates }
    }{ $refusals ->
        [0] { "" }
       *[other] ; no match: { $refused }
    }{ $rounds ->
        [0] { "" }
       *[other] ; not again to { $cycles }: it would go round for ever
    }
event-route-none = { $exchange } routed { $letter ->
        [yes] dead-lettered { $message }
       *[no] { $message }
    } to no queue yet
event-postpone = { $message } waits at { $exchange } until { $until }, as its x-delay says
event-resume = the delay of { $message } is over: { $exchange } passes it on
event-recall = { $exchange } remembers { $message } and sends it along the new binding { $binding }
event-untold = { $message } came to { $exchange }: its type { $kind } is a plugin’s and not known here, so where it goes from there cannot be told
event-unroutable = no binding of { $exchange } matched { $letter ->
        [yes] dead-lettered { $message }
       *[no] { $message }
    }: { $fate }
event-unroutable-onward = { $exchange } led { $letter ->
        [yes] dead-lettered { $message }
       *[no] { $message }
    } to exchanges, but to no queue: { $fate }
event-unroutable-cycle = { $exchange } led dead-lettered { $message } only to where it died before, { $cycles }: it would go round for ever, so { $kept ->
        [yes] its queue keeps it
       *[no] it ends
    }
unroutable-kept = its queue keeps it
event-unroutable-name = no queue is called { $key }: { $message } ends
event-unroutable-unnamed = an empty routing key names no queue: { $message } ends
event-return = { $message } goes back to { $connection }: it is mandatory, and no queue took it (312 NO_ROUTE)
event-return-received = { $publisher } got { $message } back: no queue took it
event-hold = { $message } waits for the transaction of { $connection } to be committed
event-ready = { $copy } ready in { $queue }
event-overflow = { $queue } is full ({ $limit }) and did not take { $copy }: the message ends
event-overflow-dead = { $queue } is full ({ $limit }) and did not take { $copy }: { $fate }
event-reject = { $consumer } rejected { $copy }: { $fate }
event-reject-got = { $copy }, got from { $queue }, was rejected: { $fate }
# Why a message expired later than its time to live allows.
late-behind = { $late } late: a message expires only at the head of its queue, and another was before it
late-held = { $late } late: a consumer held it when its time was over
late-broker = { $late } late: the broker was down when its time was over
event-expire-late = { $copy } expired in { $queue }, { $late }. Now { $fate }
event-expire = { $copy } expired in { $queue }, its time to live was over: { $fate }
event-drop = { $queue } is over its limit ({ $limit }), so it dropped { $copy }: { $fate }
event-exhaust = { $copy } came back to { $queue } more often than the delivery limit allows: { $fate }
fate-dropped = the message ends
fate-no-exchange = its dead-letter exchange { $exchange } does not exist, so the message ends
fate-kept = its dead-letter exchange { $exchange } does not exist, so its queue keeps it
fate-dead-lettered = it goes to the dead-letter exchange, { $exchange }
limit-messages = { $count ->
        [one] 1 message
       *[other] { $count } messages
    }
limit-bytes = { $count ->
        [one] 1 byte
       *[other] { $count } bytes
    }
limit-unknown = its length
event-purge = { $queue } was purged: { $count ->
        [0] nothing was ready
        [one] 1 ready message ends
       *[other] { $count } ready messages end
    }
event-lose-queue = { $copy } was on its way to { $queue }, which is deleted: the message ends
event-lose-restart = { $copy } in { $queue } did not survive the restart, being transient or not yet written
event-lose-exchange = { $copy }, dead in { $queue }, was on its way to a dead-letter exchange that is deleted: the message ends
event-truncate = { $queue } gave up its oldest { $count ->
        [one] entry
       *[other] { $count } entries
    }: a stream keeps no more than its retention says
event-deliver = { $queue } { $again ->
        [yes] redelivered
       *[no] delivered
    } { $copy } to { $consumer }{ $settled ->
        [yes] ; no ack asked
       *[no] { "" }
    }
event-get = { $connection } got { $copy } from { $queue }{ $again ->
        [yes] , redelivered
       *[no] { "" }
    }{ $settled ->
        [yes] ; no ack asked
       *[no] { "" }
    }
event-read = { $queue } sent { $copy }, at offset { $offset }, to { $consumer }; the entry stays
event-receive = { $consumer } received { $copy }
event-ask = { $consumer } asked { $queue } for a message
event-start = { $consumer } started on { $copy }
event-finish = { $consumer } finished { $copy }
event-finish-ack = { $consumer } finished { $copy } and sent its ack
event-finish-requeue = { $consumer } failed on { $copy } and sent it back
event-finish-reject-requeue = { $consumer } failed on { $copy } and rejected it back to its queue
event-finish-reject = { $consumer } failed on { $copy } and rejected it
event-finish-lost = { $consumer } failed on { $copy }, which is lost
event-finish-abandoned = { $consumer } lost its channel with { $copy } in hand, which is lost: the broker waits for no ack
event-finish-unheard = { $consumer } has done its work for { $copy }, but its connection was lost before it could say so
event-finish-known = { $consumer } knows { $copy } and has worked on it before: it acks it at once
event-finish-crash = { $consumer } crashed on { $copy }: its connection is lost
event-ack = { $consumer } acknowledged { $copy }
event-ack-got = { $copy }, got from { $queue }, was acknowledged
event-credit = { $consumer } is done with { $copy }: { $queue } may send it another
event-requeue = { $copy } is back in { $queue }{ $place }: { $why }
place-original = , where it was
place-returned = , before all that were never delivered
place-tail = , at the tail
back-nacked = { $consumer } nacked it with requeue
back-rejected = { $consumer } rejected it with requeue
back-recovered = { $consumer } was to get its unacked messages again (basic.recover)
back-channel-ended = the channel of { $consumer } ended before the ack
back-channel-itself-ended = the channel that got it ended before the ack
back-timed-out = { $consumer } did not acknowledge it in time
event-requeue-count = ; it came back { $count ->
    [one] once
    [2] twice
   *[other] { $count } times
} so far
back-delayed = its delayed retry is over
back-restarted = the broker restarted before the ack
event-delay = { $copy } is back in { $queue } and waits until { $until } before it is ready again
event-keep = { $queue } keeps the dead { $copy }, which is not taken everywhere yet, and tries again at { $until }
event-release = { $queue } no longer keeps the dead { $copy }: every queue it was to go to has it
event-resend = { $queue } sends the dead { $copy } to { $exchange } again
event-confirm = the broker confirmed { $messages } to { $connection }
event-confirm-received = { $publisher } got the confirm of { $messages }
event-nack = the broker nacked { $messages } to { $connection }: a queue did not take it
event-nack-received = { $publisher } got the nack of { $messages }
event-commit = { $connection } commits its transaction: { $publishes ->
        [one] 1 publish
       *[other] { $publishes } publishes
    }, { $settlements ->
        [one] 1 delivery settled
       *[other] { $settlements } deliveries settled
    }
event-rollback = { $connection } rolled its transaction back: { $publishes ->
        [one] 1 publish
       *[other] { $publishes } publishes
    } discarded, { $settlements ->
        [one] 1 delivery
       *[other] { $settlements } deliveries
    } unacked again
event-consume = { $consumer } consumes from { $queue }
event-cancel = { $consumer } stopped consuming from { $queue }
event-cancel-channel = { $consumer } no longer consumes from { $queue }: its channel ended
event-cancel-queue = { $consumer } no longer consumes from { $queue }: the queue is gone
event-cancel-timeout = { $consumer } no longer consumes from { $queue }: it did not acknowledge in time
event-dismissed = { $consumer } was told that it no longer consumes from { $queue } (basic.cancel)
event-activate = { $consumer } is now the single active consumer of { $queue }
event-declare-exchange = exchange { $exchange } is there
event-declare-queue = queue { $queue } is there
event-delete-exchange = exchange { $exchange } is gone: { $why }
event-delete-queue = queue { $queue } is gone: { $why }{ $count ->
        [0] { "" }
        [one] ; its 1 message ends
       *[other] ; its { $count } messages end
    }
event-bind = { $binding } is bound
event-unbind = { $binding } is no longer bound: { $why }
gone-deleted = it was deleted
gone-unbound = it was unbound
gone-auto-queue = auto-delete, and its last consumer has gone
gone-auto-exchange = auto-delete, and its last binding has gone
gone-exclusive = exclusive, and its connection has ended
gone-expired = nobody used it for as long as its expires allows
gone-restart = it does not survive a restart
gone-end = one of its ends is gone
gone-requester = its requester is gone
event-policy = { $operator ->
        [yes] operator policy
       *[no] policy
    } { $policy } is set{ $count ->
        [0] ; nothing changes by it now
       *[other] ; it changes { $changed }
    }
event-policy-cleared = { $operator ->
        [yes] operator policy
       *[no] policy
    } { $policy } is taken away{ $count ->
        [0] ; nothing changes by it
       *[other] ; that changes { $changed }
    }
event-user = user { $user } may configure `{ $configure }`, write `{ $write }` and read `{ $read }`
event-user-outside = user { $user } may not enter the virtual host
event-deprecated-transient = a queue that is neither durable nor exclusive is deprecated: RabbitMQ still allows it, and logs a warning
event-deprecated-global = a prefetch for the whole channel is allowed here; RabbitMQ 4.3 makes it one for each consumer
event-connect = connection { $connection } is open
event-connect-as = connection { $connection } is open, logged in as { $user }
event-close-connection = connection { $connection } is closed: { $why }
event-open-channel = connection { $connection } has a channel
event-close-channel = the channel of { $connection } is closed: { $why }
closed-by-client = its client closed it
closed-lost = the TCP connection is lost
closed-with-connection = its connection ended
closed-refused = { $refusal }
closed-refused-method = { $refusal } (in answer to { $method })
event-connection-lost = { $connection } learned that its connection is closed
event-channel-lost = { $connection } learned that its channel is closed
event-refuse = { $method } of { $connection } is refused: { $refusal }
event-refuse-itself = the broker ends the channel of { $connection }: { $refusal }
event-refuse-login = { $connection } may not log in as { $user }: { $refusal }
event-refuse-publish = { $connection } may not publish { $message }: { $refusal }
event-running = connection { $connection } is read again
event-blocking = connection { $connection } is read until it publishes: an alarm is on
event-blocked = connection { $connection } published during an alarm and is no longer read
event-flow = connection { $connection } is not read for now: it publishes faster than its queues take
event-alarm-memory = the broker is low on memory: connections that publish will be blocked
event-alarm-disk = the broker is low on disk: connections that publish will be blocked
event-alarm-memory-over = the broker has memory enough again
event-alarm-disk-over = the broker has disk enough again
event-stop = the broker was shut down
event-crash = the broker crashed
event-up = the broker is up: { $count ->
        [0] no message was recovered
        [one] 1 message was recovered
       *[other] { $count } messages were recovered
    }

coming-publish = { $publisher } publishes { $message }
coming-exchange = { $message } reaches { $exchange }
coming-wait = { $message } reaches the broker and waits: { $connection } is not read
coming-queue = { $copy } reaches { $queue }
coming-letter = { $copy }, dead, reaches { $exchange }
coming-consume = { $consumer } begins to consume from { $queue }
coming-consume-sent = { $consumer } is taken as a consumer by { $queue }
coming-poll = { $consumer } asks { $queue } for a message
coming-get-sent = { $consumer }’s question for a message reaches { $queue }
coming-consumer = { $copy } reaches { $consumer }
coming-finish = { $consumer } finishes { $copy }
coming-ack = { $consumer }’s ack of { $copy } reaches { $queue }
coming-requeue = { $copy } returns to { $queue }
coming-reject = { $consumer }’s reject of { $copy } reaches { $queue }
coming-confirm = the confirm of { $messages } reaches { $connection }
coming-nack = the nack of { $messages } reaches { $connection }
coming-return = { $message } comes back to { $publisher }
coming-dismissed = { $consumer } is told that it no longer consumes from { $queue }
coming-channel-lost = { $connection } learns that its channel is closed
coming-connection-lost = { $connection } learns that its connection is closed
coming-read = the broker reads on what waits in connection { $connection }
coming-expire = { $copy } expires in { $queue }
coming-unused = { $queue } is deleted, since nobody uses it
coming-ready-again = { $copy } is ready again in { $queue }
coming-resume = { $message } goes on from { $exchange }
coming-resend = { $queue } sends the dead { $copy } to { $exchange } again
coming-truncate = { $queue } gives up its oldest entries
coming-written = the broker confirms { $messages } to { $connection }
coming-open = connection { $connection } is opened
coming-open-as = connection { $connection } is opened by user { $user }
event-in-vain = { $deed }; but { $why }
hindrance-refused = it is refused: { $refusal }
hindrance-no-channel = it has no channel
hindrance-not-open = it is not open
hindrance-open = it is open already
hindrance-no-service = no service or consumer has that name

http-ordered = { $users }: order { $order } comes
http-requested = order { $order } is sent from { $caller } to { $service }{ $number ->
        [1] { "" }
       *[other] , try { $number }
    }
http-pooled = order { $order } waits at { $caller }: all its connections to { $service } are in use
http-queued = order { $order } waits at { $service }: all its workers are held
http-unanswered = order { $order } reaches { $service }, and nothing answers
http-started = { $service } works on order { $order }
http-worked = { $service } has done its work for order { $order }
http-recognised = { $service } knows order { $order }: its work is done already
http-refused = nobody listens at { $service }: order { $order } is refused
http-responded = { $service } answers order { $order }: { $outcome }
http-answer-lost = the answer of { $service } for order { $order } is lost on its way
http-dropped = order { $order } is lost with { $service }
http-answered = the answer of { $service } for order { $order } reaches { $caller }: { $outcome }
http-answered-late = the answer of { $service } for order { $order } comes too late for { $caller }: { $outcome }
http-timed-out = order { $order } has timed out: no answer of { $service } in time for { $caller }
http-backed-off = order { $order } is sent again from { $caller } to { $service } at { $until }
http-short-circuited = order { $order } is not sent from { $caller } to { $service }: the circuit breaker is open
http-breaker-open = the circuit breaker of { $caller } opens: nothing is sent to { $service } for a while
http-breaker-closed = the circuit breaker of { $caller } closes: { $service } is called again
http-settled = the user of order { $order } is told: { $outcome }
outcome-refused = connection refused
outcome-reset = connection reset
outcome-timed-out = no answer in time
outcome-not-tried = not tried, circuit breaker open
change-up = { $service } is back
change-silent = { $service } is down: nothing answers there
change-refusing = { $service } is down: its machine refuses connections
change-as-fast = { $service } is as fast as ever
change-slow = { $service } is slow: its work takes { $factor } times as long
change-sound = { $service } fails no more than ever
change-failing = { $service } fails on { $percent } % of its work
change-heard = answers of { $service } arrive again
change-losing = { $percent } % of the answers of { $service } are lost
coming-order = { $users }: the next order comes
coming-request = order { $order } reaches { $service }
coming-worked = { $service } finishes its work for order { $order }
coming-answer = the answer for order { $order } reaches { $caller }: { $outcome }
coming-time-out = order { $order } times out, from { $caller } to { $service }
coming-retry = an order is sent again from { $caller }
coming-confirm-time-out = { $service } gives up waiting for the confirm of order { $order }
coming-call = { $connection } calls { $method }
coming-call-sent = { $method } of { $connection } reaches the broker
coming-close-sent = connection.close of { $connection } reaches the broker
coming-hangup = the client of connection { $connection } closes it
coming-loss = connection { $connection } is lost
coming-forced = an operator closes connection { $connection }
operate-declare-exchange = an operator declares exchange { $exchange }
operate-delete-exchange = an operator deletes exchange { $exchange }
operate-declare-queue = an operator declares queue { $queue }
operate-delete-queue = an operator deletes queue { $queue }
operate-purge-queue = an operator purges queue { $queue }
operate-bind = an operator binds to exchange { $exchange }
operate-unbind = an operator takes a binding of exchange { $exchange } away
operate-policy = an operator sets policy { $policy }
operate-clear-policy = an operator takes policy { $policy } away
operate-user = an operator changes user { $user }
operate-memory-alarm = memory runs short
operate-disk-alarm = disk runs short
operate-memory-over = there is memory enough again
operate-disk-over = there is disk enough again
operate-stop = the broker is shut down
operate-crash = the broker crashes
operate-start = the broker comes up

## Refusals
## What would be right, by the rule that refused. One or two sentences that an engineer can act on.

right-C3 = Open the connection again before anything is sent on it: it has ended.
right-C6 = Log in as a user that exists.
right-C7 = Connect as a user who may enter this virtual host, to a virtual host that exists.
right-C10 = Open a channel once before it is used, with a number that is free and within the limit of the connection.
right-C13 = Connect again: an operator, or the shutdown of the broker, ended the connection. Nothing that the client did was wrong.
right-C14 = A client cannot make the broker stop sending with channel.flow. Limit what is delivered with a prefetch.
right-C16 = Name the queue, or declare one on this channel first: an empty name means the last queue declared on it.
right-C17 = A name has at most 255 bytes.
right-pattern = Write it as a regular expression, such as ^orders\., or leave it empty to allow nothing.
right-C18 = Let an administrator grant the permission: configure to declare and delete, write to publish and to bind to, read to consume and to bind from. Or act as another user.
right-E2 = Leave the default exchange as it is: every queue is bound to it by its own name already. To route otherwise, declare an exchange.
right-E3 = Choose a name that does not begin with “amq.”: those exchanges are the broker’s own.
right-E4 = Declare the exchange first, or correct its name.
right-E5 = Declare the exchange as it is: the same type, durable, auto_delete, internal and alternate-exchange. To change it, delete it first; to use it, declare it passively.
right-E6 = Use a type that this broker has: direct, fanout, topic or headers.
right-E7 = Take away the bindings that lead from the exchange first, or delete it without if_unused.
right-E8 = Publish to another exchange. An internal exchange gets messages only from exchanges: by a binding, as alternate or as dead-letter exchange.
right-E10 = Declare both ends of the binding first, or correct their names.
right-E13 = Name the alternate exchange as a text.
right-E14 = Give CC and BCC as lists of texts.
right-E40 = An x-consistent-hash exchange has one of the arguments hash-header, with a header’s name, and hash-property, with message_id, correlation_id or timestamp, or none. The keys of its bindings are weights, from 1 to 10000.
right-E44 = x-recent-history-length is a whole number of at least 1.
right-E45 = An x-delayed-message exchange names the type it wraps in x-delayed-type, such as direct. A message’s header x-delay is a whole number of milliseconds.
right-E16 = A local random exchange leads to classic queues only, and its binding and routing keys are empty.
right-E17 = A direct reply-to address cannot be bound. The responder publishes to the default exchange, with the address as routing key.
right-E25 = Use at most two “#” words in a pattern.
right-E30 = Write x-match as all, any, all-with-x or any-with-x.
right-Q1 = Choose a name that does not begin with “amq.”, or leave it empty if the queue is classic: then the broker names it.
right-Q3 = Declare the queue as it is: the same durable, auto_delete and arguments. To change it, delete it first; to use it, declare it passively.
right-Q4 = Use only arguments that this type of queue knows, or another type of queue.
right-Q5 = An exclusive queue belongs to the connection that declared it. Use another queue, or declare this one without exclusive.
right-Q7 = Declare the queue durable, or exclusive.
right-Q8 = Declare a quorum queue or a stream durable, not exclusive and not auto-delete; or make it a classic queue.
right-Q9 = Delete the queue when it has no consumers and no ready messages, or without if_unused and if_empty. A quorum queue knows neither.
right-Q11 = A stream cannot be purged: bound it with max-length-bytes or max-age, or delete it.
right-Q12 = Give the argument a value of its kind: times and lengths are whole numbers of at least 0 (expires at least 1), a priority is at most 255, overflow is drop-head, reject-publish or reject-publish-dlx.
right-Q12-age = Write max-age as a text: a number and one of the units Y, M, D, h, m and s, such as "7D".
right-Q12-dead-letter = Name the dead-letter exchange and the dead-letter routing key as texts, and give the key only together with the exchange.
right-Q13 = Write x-queue-mode as default or lazy; it does nothing in these releases.
right-Q20 = Give the expiration as text with digits only: milliseconds, such as "5000".
right-Q41 = Give x-max-priority as a whole number from 0 to 255.
right-Q43 = The queue chooses its single active consumer itself: consume without exclusive, and from a quorum queue do not use basic.get.
right-Q44 = Give the delivery limit as a whole number; -1 is no limit.
right-Q46 = Write x-delayed-retry-type as disabled, all, failed or returned, and its least and most delay as whole milliseconds.
right-Q47 = Read a stream with a prefetch of at least 1 and with acknowledgements, by basic.consume; x-stream-offset is first, last, next, a number or a time.
right-D6 = Write x-dead-letter-strategy as at-most-once or at-least-once.
right-P2 = Leave out immediate. To learn that no queue took a message, use mandatory.
right-P4 = Leave user_id out, or set it to the user that the connection logged in as.
right-P5 = Send less in one message: store large contents elsewhere and send where they are, or split them.
right-P6 = Use confirms or transactions on a channel, not both: open another channel for the other.
right-P10 = Begin transactions on the channel with tx.select first.
right-P11 = A queue at its limit did not take a publish of the transaction. Publish again later, or raise the limit.
right-S1 = Declare the queue first, or correct its name. If it is in exclusive use, its consumer has to go first; and to consume exclusively, no other consumer may be there.
right-S2 = Choose another consumer tag, or leave it empty: then the broker chooses one.
right-S6 = Acknowledge each delivery once, on the channel it came on, and none that was sent with no_ack.
right-S7 = Leave prefetch_size 0: only the number of messages can be limited.
right-S8 = Set the prefetch for each consumer, with global=false.
right-S9 = Give x-priority as a whole number.
right-S14 = Use basic.recover with requeue=true.
right-S15 = Acknowledge each delivery within 30 minutes: take less at once with a smaller prefetch, or work in smaller pieces.
right-S16 = Consume from amq.rabbitmq.reply-to once on a channel, with no_ack, and publish the request on that same channel.
right-O1 = Write the pattern as a regular expression, such as ^orders\., and what the policy is for as all, queues, exchanges, classic_queues, quorum_queues or streams.
right-O1-empty = Let the policy set something, such as "max-length": 1000.
right-O3 = Use keys that a policy knows, which are argument names without “x-”.
right-O4 = Set this as an argument when the queue is declared: a policy cannot.
right-O6 = Use keys that an operator policy knows: limits, lifetimes, overflow.
right-O7 = Give the key a value of its kind: times and lengths are whole numbers of at least 0, expires at least 1, overflow is drop-head, reject-publish or reject-publish-dlx.
right-R8 = Wait until the broker is up again, then connect.
right-W1 = Leave x-max-priority out: it is for classic queues. A quorum queue has its priorities without being asked.

## Where a message stands
## Why it is where it is, and if it is ready, why it is not delivered.

standing-on-the-way = it is on its way to { $queue }
standing-dead-letter = it died in { $queue } and is on its way to the dead-letter exchange
standing-unacked = { $consumer } has it and has not settled it
standing-got = { $connection } got it and has not settled it
standing-stream = it is an entry of { $queue }: every reader may read it, and reading does not take it away
standing-delayed = it came back and waits until { $until }, when it is ready again
standing-kept = died in { $queue } and is kept there, since not every queue it is to go to has taken it; it is sent again at { $until }
standing-kept-sent = died in { $queue } and is kept there until the queues it was sent to have answered
standing-behind = { $count ->
        [one] one message stands
       *[other] { $count } messages stand
    } before it; the first, { $head }, waits: { $why }
standing-no-consumer = nobody consumes from { $queue }
standing-prefetch = { $count ->
        [one] { $consumers } holds as many unacked deliveries as its prefetch allows
       *[other] { $consumers } each hold as many unacked deliveries as their prefetch allows
    }
standing-active = { $consumer }, the single active consumer of { $queue }, holds as many unacked deliveries as its prefetch allows{ $count ->
        [0] { "" }
        [one] , and the other one is not served meanwhile
       *[other] , and the { $count } others are not served meanwhile
    }
standing-giving-way = { $consumer } gives way as single active consumer of { $queue }, but still holds unacked deliveries
standing-down = the broker is down

## Deaths
## A message’s x-death header: one sentence for each queue and reason.

death-times = { $count ->
        [one] once
       *[other] { $count } times
    }
death-rejected = rejected in { $queue }, { $times }; it had come by { $exchange } with { $keys }
death-expired = expired in { $queue }, { $times }; it had come by { $exchange } with { $keys }
death-dropped = dropped by { $queue } at its length limit, { $times }; it had come by { $exchange } with { $keys }
death-exhausted = returned to { $queue } more often than its delivery limit allows, { $times }; it had come by { $exchange } with { $keys }

## What holds for a queue
## Each row has what is set, to what, and by whom.

setting-ttl = time to live
setting-expires = goes when unused for
setting-max-length = at most
setting-max-bytes = at most
setting-overflow = when full
setting-dead-letter = dead-letter exchange
setting-dead-letter-key = dead-letter routing key
setting-dead-letter-strategy = dead-lettering
setting-at-least-once = at least once
setting-delivery-limit = delivery limit
setting-returns = { $count ->
        [0] no return
        [one] 1 return
       *[other] { $count } returns
    }
setting-max-priority = highest priority
setting-single-active = single active consumer
setting-yes = yes
setting-max-age = keeps entries for
setting-delayed-retry = delayed retry
setting-retry-all = all returned messages
setting-retry-failed = messages that failed
setting-retry-returned = messages returned without failing
setting-retry = { $which }, after { $least } for each delivery
setting-retry-most = { $which }, after { $least } for each delivery, { $most } at most
setting-ack-timeout = time for an acknowledgement
overflow-drop-head = drops its oldest message (drop-head)
overflow-not-dlx = drops its oldest message (drop-head), since reject-publish-dlx is for classic queues only
overflow-reject-publish = does not take the new message (reject-publish)
overflow-reject-publish-dlx = does not take the new message and dead-letters it (reject-publish-dlx)
origin-default = by default
origin-argument = argument
origin-any-policy = policy
origin-policy = policy { $policy }
origin-operator = operator policy { $policy }

## Legend
## What each sign of the picture means.

legend-ready = Ready messages stand in line in their queue, the head at the right: the next to be delivered.
legend-unacked = Unacked messages are delivered and not yet settled. They still belong to the queue, and come back to it if their channel ends.
legend-redelivered = Redelivered: this message came back to its queue, or outlived a crash, so it may have been worked on before. A number counts its returns where the queue does.
legend-prefetch = Prefetch: one square for each delivery the consumer may hold unacked. When all are filled, it gets no more.
legend-ttl = The clock shows the time to live that a message has left. When it has run out and the message is at the head, it expires.
legend-lanes = Priority lanes: a message of the upper lane is delivered before one of a lower lane.
legend-fill = The fill line shows how near a queue is to its length limit. At the limit it drops its oldest message or takes no more.
legend-dead-letter = Dead-letter: messages that expire, are rejected, or are dropped for a limit go along this line to the dead-letter exchange.
legend-alternate = Alternate exchange: what no binding of the exchange matches goes along this line.
legend-delay = Delayed: a message waits on the rim of an x-delayed-message exchange until its time has come, and is routed then.
legend-unknown = The question mark is an exchange whose type is a plugin’s and not known here. Where a message goes from there cannot be told.
legend-connection = A connection frames all who use it. When it ends, all of its channels, consumers and exclusive queues end with it.
legend-channel = A channel is a session within a connection. Delivery tags, prefetch, confirms and transactions belong to it, and most errors close it alone.
legend-active = The crown marks the single active consumer of its queue. The others wait until it goes.
legend-blocked = Blocked: the broker is short of memory or disk and does not read this connection, for it has published.
legend-flow = Flow: this connection publishes faster than its queues take, so the broker pauses reading it for moments.
legend-confirm = A confirm travels back to the publisher: every queue that was to get the message has taken it.
legend-nack = A nack travels back to the publisher: a queue did not take the message.
legend-return = A returned message travels back to its publisher: it was mandatory, and no queue took it.
legend-exclusive = Exclusive: only the connection that declared this queue may use it, and it goes when that connection ends.
legend-auto-delete = Auto-delete: a queue goes when its last consumer goes, an exchange when its last binding goes.
legend-durable = Durable: it is there again after a restart, and so are the persistent messages in a durable queue.
legend-transient = Transient: it is gone after a restart.
legend-quorum = A quorum queue is replicated. It counts deliveries, and lets a message die that comes back too often.
legend-stream = A stream is a log. Reading takes nothing away, so each reader sees every entry.
legend-position = The mark shows the next entry that a reader of the stream will get.
legend-down = The broker is down. Connections and consumers are gone; what is durable will be there again.
legend-alarm = An alarm: memory or disk is short. Connections that publish are blocked until it is over.
legend-ack = An ack travels back to the queue: the message is done with and ends.
legend-requeue = A requeued message travels back to its queue and will be delivered again.
legend-reject = A rejected message does not return to its queue: it goes to the dead-letter exchange, or ends.
legend-expired = Expired: the time to live of the message was over. It goes to the dead-letter exchange, or ends.
legend-dropped = Dropped: the queue was over its length limit. The message goes to the dead-letter exchange, or ends.
legend-users = Users who wait for an answer stand in a row beneath. An order has the same token on both sides.
legend-workers = One square for each worker: full while it works, half full while it is held and waits for the answer of another service, empty while it is free.
legend-backlog = Requests wait for a worker in a row beneath their service: its backlog. Once that is full, no more are taken.
legend-response = A response travels back beside the line of its request, with its status code: green if the order succeeded, orange if not.
legend-unanswered = A dashed orange service is down. Requests stand before it until their callers’ timeout, and a worker of each caller is held as long.
legend-echo = On a way that takes less time than can be seen, a token is seen a moment longer, while what it led to has already happened.
legend-band = A band is more tokens than can be told apart, and how many of them pass in a second.
legend-refused = Refused: the broker did not do what was asked, and closed the channel or the connection with a reply code.

## Why
## The reason of one binding's verdict.

why-name-equal = the key is this queue’s name
why-name-differs = the key is not this queue’s name
why-keys-equal = the keys are equal
why-word-differs = { $wanted } is not { $found }
why-always = a fanout exchange ignores the key
why-alternate-passed = no binding matched
why-alternate-already = no binding matched, but it has the message already
why-alternate-not-needed = a binding matched, so it is not needed
why-alternate-missing = no binding matched, but there is no exchange of this name
why-alternate-unknown = cannot be told, since it is not known whether a binding matched
why-history = an x-recent-history exchange ignores the key
why-weighed-taken = the hash falls on one of its buckets (it has { $buckets } of { $all })
why-weighed-passed = the hash falls on another binding’s bucket (this one has { $buckets } of { $all })
why-weighed-none = another binding leads to the same place, and has its buckets
why-later = compared when the message goes on
why-unknown = cannot be told
why-chance-taken = chance took this one
why-chance-passed = chance took another one
why-hash-taken = the key’s hash falls on this one
why-hash-passed = the key’s hash falls on another one
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
why-by = { $why }, by the further key { $key }
# What is easily overlooked; it follows a reason, behind a semicolon.
why-hash-empty = here # took no word
why-hash-empty-some = { $count ->
    [one] of the #s, number { $numbers } took no word
   *[other] of the #s, numbers { $numbers } took no word
}
# { $place } is last, first or inner.
why-empty-word-key = the key { $key } { $place ->
    [last] ends in a dot, so its last word is empty
    [first] begins with a dot, so its first word is empty
   *[inner] has two dots in a row, so a word between them is empty
}
why-empty-word-pattern = the pattern { $pattern } { $place ->
    [last] ends in a dot, so its last word is empty
    [first] begins with a dot, so its first word is empty
   *[inner] has two dots in a row, so a word between them is empty
}
why-wildcards-key = * and # in a routing key are words like any other
why-ignored-arguments = { $count ->
    [one] its argument { $names } is ignored
   *[other] its arguments { $names } are ignored
}: only a headers exchange compares arguments
why-ignored-headers = { $names } { $count ->
    [one] is
   *[other] are
} skipped: { $mode } compares no headers that begin with x-, { $mode }-with-x does
why-ignored-key = its key { $key } is ignored: this type of exchange compares no keys
why-ignored-wildcards = * and # are no wildcards here: a direct exchange compares keys as they are
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
check-vhost = { $file } ({ $vhost })
check-empty-folder = there is no scenario in this folder, be it a .ron file, RabbitMQ’s definitions or a recording; name the one that yours are in
# { $what } goes on: if it dies there, …
check-dead-end = a message { $count ->
    [0] {""}
    [one] with the key { $keys }{" "}
   *[other] with one of the keys { $keys }{" "}
}in { $queue }: { $what }
check-closed-folder = this folder cannot be read: { $error }
explain-routed = routed to { $count ->
        [one] 1 queue
       *[other] { $count } queues
    }: { $queues }
explain-untold = cannot be told: { $count ->
    [0] no queue gets a copy for certain
    [one] one queue gets a copy for certain, { $queues }, but that may not be all
   *[other] { $count } queues get a copy for certain, { $queues }, but that may not be all
}
untold = { $what } { $name }: { $why }
untold-type = its type { $kind } is a plugin’s and not known here
explain-by-chance = exchange { $exchange } takes one of its bindings by chance; here the first stands for all
explain-later = after { $span }, when { $exchange } passes it on
explain-dead-untold = { $when }, it goes to { $exchange }{ $count ->
    [0] { "" }
   *[other] { " → " }{ $queues }
}; all else cannot be told: { $why }
explain-unroutable = unroutable: no queue gets a copy
explain-refused = refused: { $what }
explain-no-bindings = no bindings
explain-alternate = alternate exchange ({ $origin }) → { $exchange }
explain-queue = in { $queue } ({ $kind })
explain-setting = { $what }: { $value } ({ $origin })
explain-dead-any = if it dies there
explain-dead-when = if it { $reasons }
# { $reason } is RabbitMQ’s name for it: rejected, expired, maxlen or delivery_limit
explain-dead-reason = { $reason ->
    [rejected] is rejected there
    [expired] expires there
    [maxlen] is dropped there for a length limit
   *[other] comes back there too often
}
explain-dead = { $when }, it goes to { $exchange } → { $queues }
explain-dead-but-cycle = { $when }, it goes to { $exchange } → { $queues }, but not to { $cycles }: it would go round for ever
explain-dead-cycle = { $when }, it ends: { $exchange } would lead it back to { $cycles }, and it would go round for ever
explain-dead-unroutable = { $when }, it goes to { $exchange }, which leads it to no queue
explain-dead-kept = { $when }, it goes to { $exchange }, which leads it to no queue, so it is kept until one takes it
explain-dead-no-exchange = if it dies there, it ends: there is no exchange { $exchange }
explain-dead-waits = if it dies there, it is kept until there is an exchange { $exchange } that leads it to a queue
explain-did-you-mean = did you mean “{ $name }”?
explain-exchanges = the exchanges are { $names }; "" is the default exchange
explain-only-default = only the default exchange is there, besides RabbitMQ’s own amq.*; its name is ""
run-summary = until { $until }: { $published } published, { $unroutable } unroutable, { $delivered } delivered, { $acked } acknowledged, { $requeued } requeued, { $rejected } rejected
given-up-policy = { $kind ->
       *[policy] the policy
        [operator] the operator policy
    } `{ $policy }` does not apply to `{ $name }`: its pattern backtracks too often on this name; rewrite it without nested repetition
given-up-user = the permissions of `{ $user }` allow nothing on `{ $name }`: a pattern backtracks too often on this name; rewrite it without nested repetition
stopped-circling = the run stops at { $at }: a message goes round and round while hardly any time passes, from the queue { $queue } to the consumer { $consumer } and back; let the consumer work longer (`takes`), let a hop take longer (`latency`), or lead the message elsewhere
stopped-circling-queue = the run stops at { $at }: a message goes round and round while hardly any time passes, by way of the queue { $queue }; let a hop take longer (`latency`), or lead the message elsewhere
stopped-crowd = the run stops at { $at }: more than 20,000,000 steps are due within 10 ms; publish less at once
stopped-too-long = the run was stopped at { $at } after { $steps } steps, before it reached { $to }: choose an earlier moment, or let less happen until then
run-summary-more = and { $counts }
count-returned = { $count } returned
count-confirmed = { $count } confirmed
count-nacked = { $count } nacked
count-expired = { $count } expired
count-dropped = { $count } dropped
count-exhausted = { $count } over the delivery limit
count-turned-away = { $count } not taken by full queues
count-dead-lettered = { $count } dead-lettered
count-purged = { $count } purged
count-lost = { $count } lost
count-refused = { $count } refused
table-queue = queue
table-consumer = consumer
table-ready = ready
table-unacked = unacked
table-delivered = delivered
table-acked = acked
table-finished = finished
table-failed = failed
table-requeued = requeued
table-lost = lost
table-under-way = under way
label-publisher = publisher { $name }: { $count } published
label-exchange = exchange { $name }, { $kind }
label-queue = queue { $name }: { $ready } ready, { $unacked } unacked
label-consumer = consumer { $name }: { $unacked } unacked
hover-closed = Nothing can travel here now: one of its ends is not there.
hover-internal = Internal: publishers may not publish to it; only other exchanges lead to it.
hover-alternate = What none of its bindings matches goes on to { $exchange }.
hover-socket = { $count ->
    [one] One message
   *[other] { $count } messages
} reached the broker and wait in the socket, unread.
hover-waits-its-turn = It waits: another one is the single active consumer of the queue.
hover-disconnected = It has no open channel, so it can neither publish nor consume.
hover-blocking = An alarm is on: its connection is read until it publishes.
hover-message = message { $number } · { $label }
canvas-label = canvas: publishers, exchanges, queues and consumers

## Actions

action-play-pause = Play or pause
action-step-forward = One event forward
action-step-back = One event back
action-restart = Back to the start
action-faster = Faster
action-slower = Slower
action-scenarios = Scenarios
action-find = Find an exchange or queue
action-open = Open a file
action-live = Serve real programs
action-now = Go to now
action-save-recording = Save what programs did
action-fit = Show all of the canvas
action-zoom-in = Closer to the canvas
action-zoom-out = Further from the canvas
action-reset-layout = Put moved things back
action-inspector = Inspector
action-events = Event list
action-numbers = Numbers of a comparison
action-theme = Light or dark
action-reduced-motion = Reduced motion
action-connections = Frames of connections and channels
action-larger = Larger
action-smaller = Smaller
action-actual-size = Actual size
action-help = Keys
action-legend = Legend
action-simplified = What is simplified
close = Close

## Top bar

menu-scenarios = Scenarios
menu-compare = Compare HTTP
menu-open = Open
menu-view = View
menu-operate = Operate
menu-help = Help

## Operating by hand

hand-stop = Shut the broker down
hand-crash = Crash the broker
hand-start = Start the broker
hand-memory = Raise the memory alarm
hand-memory-over = End the memory alarm
hand-disk = Raise the disk alarm
hand-disk-over = End the disk alarm
hand-lose = Lose the connection
hand-close = Close it as an operator
hand-connect = Connect again
hand-purge = Purge
hand-delete = Delete
hand-tip = At this moment. What had happened after it is another story then.

## A message by hand

compose-title = Publish by hand
compose-by = Sent by { $publisher }, at this moment.
compose-nobody = Nobody here publishes, so nobody can send it.
compose-headers = headers, name=value
compose-persistent = persistent
compose-mandatory = mandatory
compose-mandatory-tip = If no queue takes the message, the broker sends it back to { $publisher } (basic.return) instead of dropping it silently.
compose-publish = Publish
compose-long-key = A routing key has at most 255 octets; this has { $octets }.
compose-header = Write a header as name=value: “{ $line }” is none.

## Legend

legend-title = What the signs mean
legend-messages = Messages
legend-queues = Queues
legend-lines = Lines
legend-actors = Publishers and consumers
legend-broker = Broker
legend-comparisons = Comparisons
legend-matched = While an exchange decides, the bindings that match are thick and blue; dotted, if the message is there already.
legend-unmatched = A binding that does not match is dashed and orange meanwhile.
legend-absent = A dashed outline: it is not declared yet, or it is gone.

## What is simplified

simplified-badge = RabbitMQ { $release } · what is simplified
simplified-title = What is simplified here
simplified-about = The broker in this program behaves as RabbitMQ { $release } does, on one node and in simulated time. This is how far, rule by rule; the rules are those of docs/fidelity.md.
simplified-only = Only what is not wholly modelled
simplified-fully = modelled
simplified-in-part = modelled in part
simplified-not = not modelled

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
events-none-live = Nothing yet. It begins with the first program that connects.

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

## Opening a file, and choosing one of its virtual hosts

opening = Opening { $file } …
opening-failed = reading it ended for a reason that is not known
vhosts-title = Which virtual host?
vhosts-about = { $file } has several; one of them is shown at a time.
vhosts-counts = { $queues } · { $exchanges }
# What is read out of a row.
vhosts-row = { $name }: { $counts }
vhosts-button = vhost { $name }
vhosts-tip = Show another virtual host of this file
# Between the thousands of a number.
count-gap = ,
count-queues = { $count ->
    [one] 1 queue
   *[other] { $grouped } queues
}
count-exchanges = { $count ->
    [one] 1 exchange
   *[other] { $grouped } exchanges
}

## What of definitions does not act

notices-title = Kept, but without effect here
notices-about = All of this stays in the definitions when they are exported again.
notices-badge = { $count ->
    [one] 1 note on these definitions
   *[other] { $count } notes on these definitions
}
notices-recording-title = Left out of this recording
notices-recording-about = The file is damaged. All of it that can be read is shown.
notices-recording-badge = { $count ->
    [one] The recording is damaged in 1 place
   *[other] The recording is damaged in { $count } places
}
notices-dismiss = Close this note

## A graph too large to be drawn whole

part-shown = { $center } with { $shown } of its { $next } neighbours.
part-shown-all = { $center } with { $count ->
    [0] nothing next to it.
    [one] its one neighbour.
   *[other] its { $count } neighbours.
}
part-left-out = { $count ->
    [one] One of their lines is not drawn.
   *[other] { $grouped } of their lines are not drawn.
}
part-whole = In all there are { $queues }, { $exchanges } and { $edges } lines.
part-more = More
draw-part = { $queues }, { $exchanges } and { $edges } lines are too many to be drawn: this is what is around { $center }; --around NAME draws another part, and a .dot file holds all
draw-left-out = this is { $center } with { $shown } of its { $next ->
        [one] 1 neighbour
       *[other] { $grouped } neighbours
    }, and { $lines ->
        [one] 1 line of what is drawn is left out and counted at its ends
       *[other] { $count } lines of what is drawn are left out and counted at their ends
    }; { $further ->
        [yes] --neighbours N draws up to { $most } neighbours, --around NAME
       *[no] --around NAME draws
    } what is around another exchange or queue, and a .dot file without --around holds all
draw-smaller = at { $asked } pixels to a unit the picture would have { $width } × { $height } pixels, and a PNG may have { $side } on a side and { $all } in all: it is drawn at { $scale }; an .svg file has no limit, and --around NAME draws a part
draw-no-such = there is no exchange or queue `{ $name }` to draw what is around it
part-find = Find …
part-around = Show what is around it

## Looking for something by name

find-title = Find an exchange or a queue
find-hint = a part of its name
find-row = { $name }, { $kind }
find-nothing = Nothing here has that in its name.
find-count = { $count ->
    [one] 1 found
   *[other] { $count } found
}
find-more = The first { $shown } of { $count }; write more of the name to see others.

## Problems

problems-title = { $file } could not be opened
problems-line = line { $line }, column { $column }: { $what }
problems-more = { $count ->
    [one] One more problem is not listed.
   *[other] { $count } more problems are not listed.
}
problems-stays = “{ $title }” stays open.
problems-close = Close

## Problems in scenario files
## What is wrong, and what to do about it. What stands between `` is the file’s notation, not words.

# The file itself

file-no-such-name = there is no built-in scenario and no file of this name
file-not-found = there is no such file
file-not-found-hint = check the path; `leveret list` names the built-in scenarios
file-not-allowed = this file may not be read
file-not-allowed-hint = ask for the permission to read it
file-unreadable = this file cannot be read: { $error }
file-unreadable-hint = try another copy of it
file-folder = this is a folder
file-folder-hint = name one scenario file in it
file-too-large = this file is too large: { $size }
file-too-large-hint = a scenario is a text of { $most } MB at the most; is this another file?
file-megabytes = { $size } MB
file-more-megabytes = more than { $size } MB
file-not-utf8 = this file is not UTF-8: byte { $byte } at offset { $offset }
file-not-utf8-hint = save it as UTF-8; if it is no text at all, it is another file
file-utf16-hint = it looks like UTF-16; save it as UTF-8
file-did-you-mean = did you mean `{ $name }`?
file-builtin-ones = the built-in ones are { $names }
file-more = { $file }: and { $count } more

# Durations. What is wrong stands behind the text that is no duration.

file-duration-not-a-number = is not a duration
file-duration-no-unit = has no unit
file-duration-unknown-unit = has an unknown unit
file-duration-negative = is negative
file-duration-too-fine = is finer than a microsecond
file-duration-too-long = is too long
file-duration-hint = write a number and a unit, such as "400ms", "1.5s" or "7us"
file-duration-no-unit-hint = write "{ $number }ms" or "{ $number }s"
file-duration-units = the units are us, ms, s, min and h
file-duration-negative-hint = a duration is zero or more
file-duration-too-fine-hint = the shortest duration is "1us"
file-duration-wrong = `{ $text }` { $error }
file-duration-zero = this duration is zero
file-duration-zero-hint = write one of at least "1us"

# The notation

file-unexpected = unexpected { $found }
file-straight-quotes = text is written between straight double quotes: "…"
file-quoted-keys = keys and other text are written in double quotes: "*.error"
file-quotes-and-comments = text is written in double quotes, and a comment begins with `//`
file-colon = a name and its value have `:` between them
file-comma = things are separated by `,`
file-no-text = this does not look like a text file
file-open-comment = this comment is never closed
file-open-text = the text that begins here is never closed
file-close-with = close it with `{ $closing }`
file-escape = this escape is not known
file-escape-hint = write `\\` for a backslash; \n, \t, \" and \u{"{"}e9{"}"} are known too
file-empty = the file is empty
file-empty-hint = the smallest scenario is `( queues: ["inbox"] )`
file-already-ended = the scenario has already ended before this
file-already-ended-hint = remove what follows, or look for a bracket that closes too early
file-too-deep = more than { $most } brackets are open here
file-too-deep-hint = a scenario needs far fewer
file-no-name = this cannot be a name
file-no-name-hint = a name is a word or a text in quotes
file-open-bracket = this `{ $bracket }` is never closed: the file ends on line { $line }
file-open-bracket-hint = is the file cut off? Otherwise a `{ $closing }` is missing
file-still-open = the `{ $bracket }` of line { $line }, column { $column } is still open; it is closed by `{ $closing }`
file-long-text = the text that begins on line { $line } runs over several lines; is its closing `"` missing?
file-name-in-list = in a list things have no names; is a `]` missing before this?
file-missing-comma = is a `,` missing before this?

# What was expected and what was found

file-expected = expected { $wanted }, found { $found }
file-found-end = the end of the file
file-found-text = a text
file-found-number = the number `{ $number }`
file-found-word = the word `{ $word }`
file-found-list = a list
file-found-nothing = nothing
file-found-values = values in brackets
file-found-names = names with values
file-in-full-ack = ack: auto
file-in-full-persistent = persistent: true
file-write = write { $text }
file-write-or-text = write { $meant }; or if a text is meant, "{ $text }"
file-text-in-quotes = text is written in double quotes: "{ $text }"
file-wanted-value = a value
file-wanted-name = `:` and a value, for each thing here has a name
file-wanted-comma = `,` or `{ $closing }`
file-wanted-fields = { $owner } as `(name: value, …)`
file-wanted-text = a text
file-wanted-flag = `true` or `false`
file-wanted-duration = a duration such as "400ms"
file-wanted-one-duration = one duration
file-wanted-two-durations = two durations
file-wanted-takes = a duration, `between(…)` or `random(…)`
file-wanted-every = a duration, `random(…)` or `burst(…)`
file-wanted-share = a number from 0 (never) to 1 (always)
file-wanted-at-least = a whole number of at least { $least }
file-wanted-range = a whole number from { $least } to { $most }
file-wanted-words = a text, or one for each language: {"{"}"en": "…", "it": "…"{"}"}
file-wanted-table = a table: {"{"}"name": value, …{"}"}
file-wanted-field-value = a text, a number, true, false, a list, a table, or () for no value
file-wanted-exchanges = exchanges and their types: {"{"}"logs": topic, …{"}"}
file-wanted-queues = a list of queues: ["errors", …]
file-wanted-bindings = a list of bindings: [(from: "logs", to: "errors", key: "*.error"), …]
file-wanted-publishers = publishers by name: {"{"}"web": (to: "logs", …), …{"}"}
file-wanted-consumers = consumers by name: {"{"}"pager": (queue: "errors", …), …{"}"}
file-wanted-messages = a list of messages: [(key: "a", body: "b"), …]
file-wanted-message = a message: its key in quotes, or (key: "a", body: "b")
file-wanted-keys = a list of routing keys: ["a", "b"]
file-wanted-expectations = a list of expectations
file-wanted-reached = a list of queues, [] if it is unroutable
file-wanted-routing-key = a routing key in quotes
file-wanted-binding-key = a binding key in quotes
file-wanted-destination = the name of a queue or an exchange
file-wanted-queue-name = a queue's name
file-wanted-publisher-name = a publisher's name
file-wanted-consumer-name = a consumer's name
file-wanted-exchange-name = an exchange's name
file-wanted-connection-name = a connection's name: an actor's, or the one it has under `connection`
file-wanted-user-name = a user's name: `guest`, or one under `users`
file-wanted-body = the body as a text
file-wanted-expiration = milliseconds as a text, such as "5000"
file-wanted-whole = a whole number
file-wanted-pattern = a regular expression in quotes
file-wanted-fails-on = a topic pattern in quotes, such as "poison.#"
file-wanted-bodies = a list of bodies: ["a", "b"]
file-wanted-policies = policies by name: {"{"}"short": (pattern: "^tmp", set: {"{"}"message-ttl": 5000{"}"}), …{"}"}
file-wanted-users = users by name: {"{"}"ann": (configure: ".*", write: ".*", read: ".*"), …{"}"}
file-wanted-tags = a list of tags: ["administrator"]
file-wanted-topics = topic exchanges and patterns of keys: {"{"}"logs": (write: "^web", read: ".*"), …{"}"}
file-wanted-script = a list of what is done: [(at: "3s", stop: crash), …]

# Fields and names. { $kind } is exchange, queue, publisher or consumer; where that is not the word, choose by it.

file-owner-scenario = a scenario
file-owner-latency = latency
file-owner-exchange = an exchange
file-owner-queue = a queue
file-owner-binding = a binding
file-owner-publisher = a publisher
file-owner-burst = a burst
file-owner-message = a message
file-owner-consumer = a consumer
file-owner-expectation = an expectation
file-owner-publication = a publication
file-owner-dead-letter = `dead_letter`
file-owner-policy = a policy
file-owner-user = a user
file-owner-topics = a topic permission
file-owner-onward = `publishes`
file-owner-act = an act of the script
file-owner-deletion = a deletion
file-owner-qos = `qos`
file-owner-consume = `consume`
file-owner-get = `get`
file-owner-settlement = an answer
file-owner-recover = `recover`
file-needs = { $owner } needs `{ $field }`
file-needs-hint = such as `{ $field }: { $example }`
file-no-field = { $owner } has no field `{ $field }`
file-twice = `{ $name }` stands here twice
file-twice-hint = the first is on line { $line }; remove or rename one
file-only = there is only { $name }
file-there-are = there are { $names }
file-there-are-more = there are { $names }, …
file-too-long = this text has { $octets } octets
file-too-long-hint = AMQP's names and keys have { $most } at the most
file-empty-name = this name is empty
file-broken-name = this name has a line break or another control character in it
file-bad-name-hint = give it a name of at least one character, on one line
file-missing = no { $kind } is named `{ $name }`
file-missing-but-queue = no { $kind } is named `{ $name }`; there is only a queue of this name
file-missing-but-exchange = no { $kind } is named `{ $name }`; there is only an exchange of this name
file-none-yet = this scenario has no { $kind } yet: name it under `{ $field }`
file-reserved = `{ $name }`: names that begin with `{ $prefix }` are the broker's own
file-reserved-exchange-hint = a new exchange needs another name
file-reserved-queue-hint = a queue needs another name

# Values

file-percent = { $percent } in a hundred is { $share }
file-or = { " or " }
file-large-number = the number `{ $number }` is too large
file-no-number = `{ $text }` is no number
file-no-number-hint = if it is a text, write "{ $text }"
file-no-language = `{ $tag }` is no language
file-no-language-hint = a language is a tag such as "en", "it" or "pt-BR"
file-no-exchange-type = `{ $found }` is no exchange type
file-no-match = `{ $found }` is no way to match headers
file-no-ack = `{ $found }` is no way to acknowledge
file-no-on-failure = `{ $found }` is no answer to a failure
file-no-queue-type = `{ $found }` is no queue type
file-no-state = `{ $found }` is no state of a connection
file-no-choice = `{ $found }` is none of what can stand here
file-no-offset = `{ $found }` is no place in a stream
file-no-apply-to = `{ $found }` is nothing that a policy applies to
file-no-profile = `{ $found }` is no release that is modelled
file-no-reason = `{ $found }` is no reason for which messages die
file-no-code = { $code } is no reply code of AMQP
file-no-code-hint = there are { $codes }
file-finer-than-milliseconds = { $span } is finer than a millisecond
file-finer-than-milliseconds-hint = AMQP counts this in whole milliseconds
file-finer-than-seconds = { $span } is finer than a second
file-finer-than-seconds-hint = RabbitMQ counts this in whole seconds

# Exchanges, queues and bindings

file-declared-default = the default exchange cannot be declared
file-declared-default-hint = it is always there; leave this out
file-predeclared = `{ $name }` exists already: its type is { $kind }, and it is durable and has no arguments
file-predeclared-hint = predeclared exchanges need not be listed; leave this out
file-binding-twice = this binding stands here twice
file-wanted-movers = a list of shovels and upstreams, such as [(shovel: "away", queue: "orders")]
file-owner-mover = a mover
file-mover-kind = a mover is either a shovel or an upstream
file-mover-kind-hint = give its name: shovel: "away" or upstream: "other"
file-mover-reads = a mover reads either a queue or an exchange
file-mover-reads-hint = name one: queue: "orders" or exchange: "logs"
file-plugin-type = an exchange has a type or is a plugin’s, not both
file-plugin-type-hint = leave type out, or plugin
file-binding-weight = a binding of an x-consistent-hash exchange needs a weight
file-binding-weight-hint = write it as the key, such as key: "1"
file-binding-key = a binding from a { $kind } exchange needs `key`
file-binding-key-hint = an empty key is written `key: ""`
file-bound-default = the default exchange cannot be bound
file-bound-default-hint = every queue is bound to it by its own name already
file-two-destinations = this binding leads to more than one place
file-two-destinations-hint = keep one of `to`, `to_queue` and `to_exchange`
file-no-destination = no queue or exchange is named `{ $name }`
file-ambiguous = `{ $name }` is a queue and also an exchange
file-ambiguous-hint = write `to_queue: "{ $name }"` or `to_exchange: "{ $name }"`
file-no-headers = a { $kind } exchange does not look at headers
file-no-headers-hint = `match` and `headers` belong to bindings from a headers exchange
file-argument-twice = `{ $name }` is given twice, here and under `arguments`
file-argument-twice-hint = remove one of them
file-bad-argument = `{ $name }` cannot be { $value }
file-exclusive-by = an exclusive queue belongs to a connection: which one declares it?
file-exclusive-by-hint = add `by: "…"` with the name of a connection, or of an actor that has one of its own
file-two-users = connection `{ $connection }` cannot log in as `{ $user }`: it logs in as `{ $before }` already
file-two-users-hint = actors on one connection share its user: say the same as on line { $line }, say nothing, or leave out `connection`
file-no-connection-hint = a connection is named by an actor: its own name, or its `connection`; or opened in the script by `connect`

# Publishers and messages

file-without-every = `{ $field }` means nothing without `every`
file-without-every-hint = add `every: "1s"`, or give messages their `at`
file-long-burst = a burst of { $size } messages, { $gap } apart, is not over when the next begins
file-long-burst-hint = make `every` longer, or `size` or `gap` smaller
file-one-duration = expected one duration here
file-one-duration-hint = such as ("1s")
file-keys-and-messages = `keys` and `messages` are both given
file-keys-and-messages-hint = `keys: ["a"]` is short for `messages: ["a"]`; keep one of them
file-no-messages = this publisher has no messages
file-no-messages-hint = add `keys: ["a"]`, or `messages: [(key: "a", body: "b")]`
file-no-keys-hint = name at least one key
file-at-and-every = `at` means nothing beside the publisher's `every`
file-at-and-every-hint = either the publisher has `every`, or each of its messages has `at`
file-no-time = when is this message sent?
file-no-time-hint = give it `at: "1s"`, or the publisher `every: "1s"`
file-publish-to-queue = `{ $name }` is a queue, and messages are published to exchanges
file-publish-to-queue-hint = leave out `to` for the default exchange, and write `key: "{ $name }"`
file-internal = `{ $name }` is internal: the broker refuses what is published to it
file-internal-hint = publish to another exchange
file-bad-expiration = the broker refuses `{ $text }` as an expiration
file-bad-expiration-hint = write milliseconds, digits only: "5000"
file-republish = `republish` means nothing without `confirms: true`
file-republish-hint = only a confirm tells a publisher what was nacked
file-transaction = a publisher has either transactions or confirms
file-transaction-hint = the broker refuses both on one channel; leave out one of them

# Consumers

file-on-failure = `on_failure` means nothing with `ack: auto`
file-on-failure-hint = the broker has forgotten a message once it is sent; leave this out, or acknowledge by hand
file-two-durations = expected two durations here
file-two-durations-hint = such as ("500ms", "2s")
file-between = { $from } is longer than { $to }
file-between-hint = write the shorter duration first
file-publishes-and-replies = `publishes` and `replies` are both given
file-publishes-and-replies-hint = a reply goes where the message asks for it; keep one of them

# The script

file-no-deed = it is not clear what is done here
file-no-deed-hint = add what is done, such as `stop: crash` or `purge: "work"`
file-two-deeds = this is a second thing to be done here
file-two-deeds-hint = give it an act of its own, with its own `at`
file-not-by-client = no client can do `{ $deed }`
file-not-by-client-hint = leave out `by`: this is done from outside
file-only-by-client = only a client can do `{ $deed }`
file-only-by-client-hint = add `by: "…"` with the name of its connection
file-script-publish = the script publishes nothing; publishers do
file-script-publish-hint = give a publisher this message with its time: `messages: [(at: "3s", key: "…")]`; with `connection: "…"` it publishes on that connection

# Expectations

file-subject = it is not clear what this expectation is about
file-subject-hint = it is about one of `publish`, `queue`, `consumer`, `publisher`, `connection`, `died`, `order`, `refused`, `exists`, `gone`, or what is counted of all messages: `unroutable`, `returned`, `confirmed`, `nacked`
file-after-end = this is after the end of the run at { $until }
side-of-nothing = it compares nothing, so it has no sides; `leveret list` names the comparisons, which begin with http
draw-after-end = there is no moment { $at } to draw: the run ends at { $until }; draw an earlier one, or make the scenario's `until` later
file-after-end-hint = make the scenario's `until` later, or this earlier
file-reached-twice-hint = a queue gets one copy of a message at the most
file-expects-nothing = this expectation expects nothing
file-expects-nothing-hint = add a number for { $fields }
file-order = whose order is this?
file-order-hint = write `queue: "…"` for what is ready in it, or `consumer: "…"` for what it received
file-signs = by what are messages to be told from each other?
file-signs-hint = write `keys: […]` or `bodies: […]`

# The scenario

file-newer = version { $version }: this scenario was made for a newer Leveret
file-newer-hint = this Leveret reads version { $version }; get a newer one
file-refused = the broker refuses this scenario: { $error }
file-refused-hint = rule { $rule } of the broker says so
refused = { $what ->
        [exchange] exchange
        [queue] queue
        [binding] binding of
        [connection] connection
        [policy] policy
        [user] user
        [publisher] publisher
        [script] in the script,
       *[consumer] consumer
    } `{ $name }`: { $refusal }
refused-missing = `{ $name }` calls { $what } `{ $other }`, which is not there
refused-missing-hint = add it, or call one that is there
refused-calls-itself = service `{ $name }` calls itself: { $path }
refused-calls-itself-hint = its workers would wait for one another for ever; take one of these calls away
refused-no-workers = service `{ $name }` has no workers
refused-no-workers-hint = give it one at least: without workers it never answers
refused-publish = the script publishes on the connection `{ $name }`, but only publishers publish

# A comparison in a scenario

file-owner-comparison = a comparison
file-owner-users = `users`
file-owner-wave = a wave
file-owner-service = a service
file-owner-fault = a fault
file-owner-http = `http`
file-owner-messaging = `messaging`
file-owner-back-off = `back_off`
file-owner-breaker = `breaker`
file-owner-limit = `limit`
file-wanted-services = a list of services: [(name: "shop", calls: ["mail"]), (name: "mail")]
file-services-example = [(name: "shop", calls: ["mail"]), (name: "mail")]
file-wanted-service-name = a service's name
file-wanted-calls = a list of services: ["stock", "mail"]
file-wanted-faults = a list of what goes wrong: [(down: "mail", from: "20s", until: "30s"), …]
file-wanted-changes = a list of services, each with what is different: [(name: "shop", workers: 2), …]
file-wanted-predictions = a list of texts to choose from: ["HTTP", "messaging"]
file-wanted-duration-or = a duration such as "400ms", or `{ $word }`
file-wanted-quantity = a number from { $least } to { $most }
file-beside-comparison = `{ $field }` does not go beside `compare`
file-beside-comparison-hint = { $field ->
        [vhost] leave it out: a comparison's broker has only one virtual host
        [latency] write how long a hop takes in the comparison: `network: "5ms"`
        [users] the users of a comparison stand in it: `compare: (users: (rate: 10), …)`
        [publishers] the first service publishes by itself: write `services` in the comparison
        [consumers] the services consume by themselves: write `services` in the comparison
        [script] what goes wrong stands in the comparison: `faults: [(down: "mail", …)]`
       *[other] put it into the side it is about: `compare: (messaging: ({ $field }: …))`
    }
file-without-comparison = `{ $field }` belongs to a comparison, and this is none
file-without-comparison-hint = leave it out, or add `compare: (…)`
file-right = there are no predictions of which one could be right
file-right-hint = add `predictions: ["…", "…"]`
file-compare-long = { $span } is too long for a comparison
file-compare-long-hint = write "{ $most }" at the most
file-rate-hint = write how many orders come in a second: without any there is nothing to compare, and more than a million are too many to follow
file-workers-hint = without workers a service never answers, and each of them takes room: write how many orders it works on at once
file-retries-hint = tries multiply from one service to the next: three of them at each of three services are 27
file-slow-hint = write how many times as long its work takes: 10 is ten times
file-surge-hint = write how many times as many orders come: 5 is a burst, and with 0 nobody comes
file-no-services = there are no services
file-no-services-hint = users call the first: [(name: "shop", calls: ["mail"]), (name: "mail")]
file-many-services = there are { $count } services
file-many-services-hint = a comparison has { $most } at the most
file-no-service = no service is named `{ $name }`
file-calls-missing = no service is named `{ $name }`
file-calls-nobody = `{ $name }` calls nobody
file-calls-nobody-hint = users call the first service, and there would be nothing for it to hand over: add `calls: ["…"]`, or name `{ $name }` further down
file-again = what `{ $other }` fails on waits in a queue that the name `{ $name }` would stand for too
file-again-hint = give this service a name that does not end in `-again`
file-uncalled = nobody calls `{ $name }`
file-uncalled-hint = take it out, or let `{ $first }` call it, or one that `{ $first }` calls
file-many-calls = one order would lead to { $count } requests
file-many-calls-hint = at most { $most } are followed: fewer services, or fewer calls of one another
file-many-tries = with all its tries, one order may lead to { $count } requests
file-many-requests = with all their tries, the orders may lead to { $count } requests
file-many-requests-hint = at most { $most } are followed: write fewer `retries`, or fewer orders
file-ask-exchange = the exchange `{ $name }`, called by what users ask, would be that of `{ $service }` too
file-ask-exchange-hint = let them ask for something else: the last part of its path is what the first exchange is called
file-many-tries-hint = at most { $most } are followed: write fewer `retries`
file-users-are-service = `{ $name }` is the name of a service
file-users-are-service-hint = give the users another: `name: "customers"`
file-no-request = `{ $found }` is no request
file-no-request-hint = write a method and a path, as in "POST /orders" or "GET /price"
file-short-wave = a wave of { $span } is too short
file-short-wave-hint = from one height to the next it takes at least "1s"
file-many-orders = { $count } orders would come
file-many-orders-hint = at most { $most } are followed: a lower `rate`, a shorter `during`, or a `count`
file-no-fault = it is not clear what goes wrong here
file-no-fault-hint = add one of `down: "mail"`, `refusing: "mail"`, `slow: "mail"`, `failing: "mail"`, `losing: "mail"`, `broker: down` and `surge: 5`
file-two-faults = this is a second fault
file-two-faults-hint = give each its own brackets: faults may overlap
file-fault-until = this is over at { $until }, and begins only at { $from }
file-fault-until-hint = write a later `until`, or leave it out for a fault that stays to the end
file-back-off-hint = `most` is at least as long as `first`
file-quorum-priority = quorum queues have no highest priority
file-quorum-priority-hint = leave this out, or write `queue_type: classic`
file-bounds = expected two numbers here, the least and the most
file-bounds-hint = such as (200, 230), or one number alone
file-bounds-turned = { $from } is more than { $to }
file-bounds-turned-hint = write the smaller one first
file-overflow = `overflow` means nothing without `max_length`
file-overflow-hint = add how many messages a queue takes: `max_length: 100`

# Expectations that do not hold. { $what } is the field’s name: ready, unacked, delivered, acked, published, unroutable and so on.

claim-queue = at { $at } queue `{ $name }`
claim-consumer = at { $at } consumer `{ $name }`
claim-publisher = at { $at } publisher `{ $name }`
claim-state = at { $at } connection `{ $name }` is { $found }, expected { $expected }
claim-broker = at { $at } the broker
claim-not-reached = this cannot be checked: { $why }
claim-missing = { $subject } does not exist
claim-differs = { $subject } has { $found }, expected { $expected }
claim-number = { $count } { $what }
claim-no-exchange = there is no exchange `{ $name }`
claim-reaches = a message to "{ $exchange }" with key "{ $key }" reaches { $found }, expected { $expected }
claim-no-queue = no queue
claim-refused = refused with { $code }
claim-still-there = at { $at } `{ $name }` is there, expected to be gone
claim-not-there = at { $at } `{ $name }` is not there, expected to be there
claim-order = { $subject } has { $found } in this order, expected { $expected }
claim-no-message = nothing
claim-side = at { $at } { $side }
claim-service = at { $at } { $side }, service `{ $name }`,
claim-range = { $least } to { $most }
claim-not-measured = no

## Definitions files

## RabbitMQ's definitions.json: what is wrong with one, and what does not act here. What stands between `` is the file’s notation.

# No JSON
definitions-cut = the file ends in the middle
definitions-cut-hint = was it cut off on its way here? Copy or export it again: definitions end with the `{"}"}` that closes the first `{"{"}`
definitions-no-comma = a `,` or a closing bracket is missing before this
definitions-no-comma-hint = things are separated by `,`; a list is closed by `]` and an object by `{"}"}`
definitions-last-comma = nothing follows the `,` before this
definitions-last-comma-hint = remove that `,`: JSON allows none after the last thing
definitions-ended = the definitions have already ended before this
definitions-ended-hint = remove what follows, or look for a bracket that closes too early
definitions-no-key = a name in double quotes is missing here
definitions-no-key-hint = an object is written as {"{"}"name": value, …{"}"}
definitions-no-colon = a `:` is missing before this
definitions-no-colon-hint = a name and its value have `:` between them
definitions-no-value = this is no value
definitions-no-value-hint = a value is a text in double quotes, a number, true, false, null, a list in [ ] or an object in {"{"} {"}"}; JSON has no comments
definitions-open-text = this text goes on over the end of its line
definitions-open-text-hint = is its closing `"` missing? A line break in a text is written \n
definitions-escape = this escape is not known
definitions-escape-hint = write `\\` for a backslash; \n, \t, \" and \u00e9 are known too
definitions-deep = more than 127 brackets are open here
definitions-deep-hint = definitions need far fewer
definitions-comment = JSON has no comments
definitions-comment-hint = remove it; what is to be remembered can stand as a field, such as "_comment": "…"
definitions-quotes = JSON’s texts and names stand in straight double quotes
definitions-quotes-hint = write "…"
definitions-unit = `{ $text }` is no value: JSON’s numbers have no units
definitions-unit-hint = write the number alone (RabbitMQ counts times in milliseconds), or a text: "{ $text }"
definitions-bare-word = `{ $word }` is no value
definitions-meant = write { $meant }
definitions-broken = this is no JSON: { $error }
definitions-broken-hint = export the definitions again, or mend this place by hand

# Something else than definitions
definitions-nothing-known = this is JSON, but none of RabbitMQ’s definitions is in it
definitions-nothing-known-hint = definitions are listed under `queues`, `exchanges`, `bindings`, `policies` and the like; `rabbitmqctl export_definitions FILE` writes them
definitions-no-list = a list is wanted here
definitions-no-list-hint = such as "{ $section }": [ {"{"} … {"}"}, … ]
definitions-needs = this is missing
definitions-needs-hint = add "{ $field }": "…"
definitions-no-choice = `{ $found }` is not known here
definitions-no-vhost = it does not say in which virtual host it is
definitions-no-vhost-hint = add "vhost": "/", or the name of another; only a file of one virtual host leaves it out, and then everywhere
definitions-wanted-whole = a whole number
definitions-wanted-object = an object: {"{"}"name": value, …{"}"}
definitions-wanted-texts = a list of texts
definitions-found-null = null
definitions-found-object = an object

# Virtual hosts. { $names } are in ``, with commas between them.
definitions-several-vhosts = several virtual hosts are in this file: { $names }
definitions-several-vhosts-hint = a world is one of them: choose it on the command line, such as `--vhost NAME`
definitions-no-such-vhost = no virtual host `{ $name }` is in this file
file-no-vhosts = there are no virtual hosts to choose from: this is a scenario, which is one itself
file-no-vhosts-hint = leave `--vhost` out: it is for RabbitMQ’s definitions
definitions-other-vhosts = other virtual hosts are kept and not shown: { $names }

# The scenario that is made of it
definitions-about = The virtual host { $vhost } of a broker’s definitions. Nothing happens in it until you publish.
definitions-too-large-hint = definitions of at most { $most } MB are read

# What does not act here
definitions-plugin-exchange = exchange `{ $name }`: its type { $kind } is a plugin’s and not known here; it is shown, but where a message goes from it cannot be told
mover = { $kind ->
    [shovel] shovel { $name } reads it and carries its messages { $known ->
        [yes] to { $to }
       *[no] elsewhere
    }
   *[other] upstream { $name } federates it { $known ->
        [yes] with { $to }
       *[no] with another broker
    }, and what that one takes from here is not in this file
}
mover-thing = { $kind } { $name }
mover-at = { $what } at { $uri }
mover-in = { $kind } { $name } in virtual host { $vhost }
mover-of = { $kind } { $name }: { $mover }; what comes of a message from there cannot be told
definitions-plugin-queue = queue `{ $name }`: its type { $kind } is a plugin’s, which nothing here does; it is kept in the file and not shown
definitions-reserved-exchange = exchange `{ $name }`: its name is the broker’s own, so RabbitMQ skips it too; it is kept in the file and not shown
definitions-reserved-queue = queue `{ $name }`: its name is the broker’s own, so RabbitMQ skips it too; it is kept in the file and not shown
definitions-left-out = { $count ->
    [one] one binding
   *[other] { $count } bindings
} of `{ $name }` not shown with it
definitions-missing = line { $line }, column { $column }: { $path }: { $elsewhere ->
        [yes] { $kind } `{ $name }` is in another virtual host of the file
       *[no] the file has no { $kind } `{ $name }`
    }; the binding is kept and not shown (an import fails on it, unless the broker has the { $kind } already)
definitions-unlisted = line { $line }, column { $column }: { $path }: the file lists no { $kind ->
        [vhost] virtual host
       *[other] { $kind }
    } `{ $name }`{ $more ->
        [0] {""}
        [one] , of which it speaks once more
       *[other] , of which it speaks { $more } more times
    }; an import fails on it{ $kind ->
        [exchange] {" "}from RabbitMQ 4.3 on
       *[other] {""}
    }, unless the broker has that { $kind ->
        [vhost] virtual host
       *[other] { $kind }
    } already
definitions-type-beside = queue `{ $name }`: "type": "{ $beside }" says nothing to RabbitMQ when it imports the file: it becomes a { $kind } queue. Say it in its arguments: "x-queue-type": "{ $beside }"
definitions-default-beside = virtual host `{ $name }`: RabbitMQ does not read "default_queue_type": "{ $kind }" here when it imports the file. Say it within "metadata"
definitions-pairs = operator policy `{ $name }`: its definition is a list of pairs, as `rabbitmqctl export_definitions` writes it up to RabbitMQ 4.1.7 by mistake. No import takes that: write an object, such as {"{"}"max-length": 5000{"}"}, or let `leveret export` write the file again
definitions-more-missing = and { $count } more bindings of things that the file has not
definitions-more = and { $count } more like these
definitions-inert-key = policy `{ $name }`: `{ $key }` is kept and does nothing here
definitions-operator-key = operator policy `{ $name }`: `{ $key }` is for policies only; it is kept in the file and does nothing
definitions-later-key = policy `{ $name }`: RabbitMQ { $release } does not know `{ $key }`; it is kept in the file and does nothing
definitions-parameters = { $count ->
    [one] one parameter
   *[other] { $count } parameters
} of `{ $component }` kept; nothing here reads them
definitions-passwords = users’ password hashes are kept; nobody logs in with a password here
definitions-limits = limits of users and virtual hosts are kept; none is enforced here
definitions-globals = { $count ->
    [one] one global parameter
   *[other] { $count } global parameters
} kept; nothing here reads them
definitions-unknown = kept, though neither RabbitMQ nor Leveret knows them: { $names }
definitions-refused = no broker accepts this: { $refusal }

# What a scenario’s definitions do not have
definitions-no-internal = exchange `{ $name }` is internal: RabbitMQ’s definitions never have such
definitions-no-exclusive = queue `{ $name }` is its connection’s own: RabbitMQ’s definitions never have such
definitions-no-bindings = { $count ->
    [one] one binding
   *[other] { $count } bindings
} left out with them
definitions-no-password = user `{ $name }` is written without a password: nobody can log in so until one is set

## Hints

hint-step = Press Space to pause. Then → goes one event forward, ← one back.
hint-ask = Click a message, or anything else, to ask what it does and why.
hint-scenarios = When you have seen this one, there are more under Scenarios ({ $key }).
hint-close = Close this hint

## Inspector

inspector-title = Inspector
inspector-close = Close the inspector
inspector-coming = Coming next
inspector-end = The run ends.
canvas-lags = Slower than the chosen speed: too much happens at once.
# Why nothing comes next; a step that leads nowhere says the same.
standstill-outside = Real clients decide what comes next, so it is not known yet.
standstill-end = The run is over at { $end }. “{ $restart }” begins it again.
standstill-broker-down = The broker is down; nothing will happen until it starts: Operate ▸ Start the broker.
standstill-no-connection = No connection is open; nothing will happen until one opens.
standstill-alarm = An alarm is on, and whoever publishes has to wait; nothing will happen until it is over: see Operate.
standstill-nobody = Nobody here does anything on their own; nothing will happen until you publish a message.
standstill-nothing = Nothing more happens before the run ends at { $end }.
inspector-full = No more is kept: { $count } events have happened.
inspector-about = What happens here
inspector-question = Question
inspector-answer = Measured, as the file has it
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
visit-local-random = exchange { $exchange } · x-local-random · takes one of its queues by chance
visit-modulus-hash = exchange { $exchange } · x-modulus-hash · takes one destination by the key’s hash
visit-consistent-hash = exchange { $exchange } · x-consistent-hash · takes one destination by a hash; the binding keys are weights
visit-random = exchange { $exchange } · x-random · takes one destination by chance
visit-recent-history = exchange { $exchange } · x-recent-history · compares nothing, and remembers
visit-delayed = exchange { $exchange } · x-delayed-message · waits for as long as x-delay says, then routes as { $kind }
visit-unknown = exchange { $exchange } · { $kind } · a plugin’s type, not known here
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
kind-queue = queue, { $kind }
kind-consumer = consumer
kind-binding = binding
kind-dead-letter = dead-letter exchange
kind-alternate = alternate exchange
kind-publishing = publishing
kind-consuming = consuming
rule-default = Every queue is bound to it by its own name, without anybody’s doing. A message goes to the queue that its routing key names.
rule-direct = A message goes along each binding whose key is the same as its routing key, letter by letter.
rule-fanout = A message goes along every binding. Its routing key does not matter.
rule-topic = Keys are words with dots between them. In a binding key, * stands for exactly one word and # for any number of words, also none.
rule-local-random = A message goes to one of the bound classic queues, by chance. Its routing key must be empty.
rule-modulus-hash = A message goes to one of the bound destinations: the hash of its routing key says which.
rule-consistent-hash = A message goes to one of the bound destinations, by the hash of its routing key, or of the header or property that the exchange’s arguments name. A binding key is a weight: with 2, a destination gets twice as much as with 1.
rule-random = A message goes to one of the bound destinations, by chance. Its routing key does not matter.
rule-recent-history = A message goes along every binding. The exchange remembers the latest messages, and what is newly bound gets them too.
rule-delayed = A message waits here for as many milliseconds as its header x-delay says. Then it is routed as by an exchange of type { $kind }.
rule-unknown = Its type { $kind } is a plugin’s and not known here. Where a message goes from here cannot be told.
rule-headers = A message goes by its headers: a binding asks for all of its arguments to agree, or for any. The routing key does not matter.
fact-pace = publishes
fact-exchange = to exchange
fact-published = published
fact-confirmed = confirmed
fact-unconfirmed = not confirmed yet
fact-nacked = nacked
fact-returned = came back
fact-failed-publishes = did not get in
fact-socket = in the socket
fact-held = in the transaction
fact-connection = Its connection
fact-name = name
fact-user = logs in as
fact-state = state
fact-tag = consumer tag
fact-priority = priority
fact-prefetch-global = of its channel
fact-turn = single active
fact-settings = What holds for it
setting-by = { $value } ({ $origin })
connection-open = open
connection-closed = not connected
connection-no-channel = open, its channel is closed
consumer-active = it is the one
message-where = Where it is now
message-standing = { $copy }: { $why }.
message-deaths = What it died of
refusal-method = method
refusal-closes = closes
refusal-channel = the channel
refusal-connection = the connection
refusal-text = RabbitMQ says
refusal-rule = rule
fact-latency = hop takes
fact-reachable = can reach
fact-messages = What it publishes, in turn
fact-received = received
fact-waits-here = Waiting here
fact-goes-on = goes on at
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
failure-crash = it crashes
failure-reject = the message is rejected
failure-reject-requeue = the message is rejected and requeued
fact-finished = finished
fact-failed = failed
fact-lost = lost
fact-requeued = requeued
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
edge-publish = Messages go from { $from } to { $to }.
edge-consume = { $to } consumes from { $from }: messages go forward, acknowledgements come back.
edge-dead-letter = What dies in { $from } goes on to { $to }.
edge-alternate = What no binding of { $from } matches goes on to { $to }.
edge-implicit = An implicit binding: every queue is bound to the default exchange by its own name, here { $key }.
edge-rule-direct = Matches a message whose routing key is the same.
edge-rule-fanout = Matches every message.
edge-rule-topic = Matches word by word: * is exactly one word, # any number of them.
edge-rule-local-random = Is one of those the exchange takes by chance.
edge-rule-modulus-hash = Is one of those the exchange takes by the key’s hash.
edge-rule-consistent-hash = Is one of those the exchange takes by a hash. Its key is its weight.
edge-rule-random = Is one of those the exchange takes by chance.
edge-rule-recent-history = Matches every message; when it is made, it gets the latest ones too.
edge-rule-unknown = What it matches cannot be told: the exchange’s type is a plugin’s.
edge-rule-headers = Matches by the message’s headers.

# HTTP and messaging compared
side-http = HTTP
side-messaging = messaging
fault-down = { $service } down for { $span }
fault-refusing = { $service } refusing connections for { $span }
fault-slow = { $service } taking { $factor } times as long for { $span }
fault-failing = { $service } failing { $percent } % of the time for { $span }
fault-losing = { $percent } % of what { $service } answers lost for { $span }
fault-broker-down = the broker down for { $span }
fault-surge = { $factor } times as many orders for { $span }
verdict-with = with { $faults }, { $text }
verdict-sentence = { $text }.
verdict-fault-gap = { " and " }
verdict-clause-gap = { "; " }
verdict-none = none
verdict-no-orders = no order came
verdict-none-failed = { $count ->
    [one] the one order failed on neither side
   *[other] none of { $sent } orders failed on either side
}
verdict-failed-alike = { $count ->
    [one] the one order failed on both sides
   *[other] { $failed } of { $sent } orders failed on either side
}
verdict-failed = { $count ->
    [one] of the one order, HTTP failed { $http }, messaging { $messaging }
   *[other] HTTP failed { $http } of { $sent } orders, messaging { $messaging }
}
verdict-in-time = { $count ->
    [one] of the one order, HTTP had { $http } done within { $deadline }, messaging { $messaging }
   *[other] HTTP had { $http } of { $sent } orders done within { $deadline }, messaging { $messaging }
}
verdict-lost = { $side } lost { $grouped } { $count ->
    [one] order
   *[other] orders
} that it had accepted
verdict-partly = { $side } left { $grouped } { $count ->
    [one] order
   *[other] orders
} half done
verdict-though-failed = { $side } did { $grouped } { $count ->
    [one] order
   *[other] orders
} whose users were told of a failure
verdict-duplicates = work done once more: HTTP { $http }, messaging { $messaging }
verdict-to-do = { $side } has { $grouped } { $count ->
    [one] order
   *[other] orders
} still under way, the oldest for { $oldest }
verdict-longest = the longest that a user waited is { $both }
verdict-slowest = the slowest order was done { $both } after it came
verdict-both = { $http } over HTTP and { $messaging } by messaging
verdict-answered = HTTP answered orders sooner than messaging accepted them ({ $short } against { $long }, in the median)
verdict-accepted = messaging accepted orders sooner than HTTP answered them ({ $short } against { $long }, in the median)
verdict-answered-alike = both answered about as soon ({ $both }, in the median)
verdict-worked = { $quick } had its work done sooner ({ $short } against { $long })
verdict-worked-alike = both had the work done about as soon ({ $both })
verdict-and = { $one }, and { $another }
verdict-but = { $one }, but { $another }
compare-none = { $name } compares nothing: it has no `compare` in it
compare-none-hint = write what is compared in its field `compare`; docs/scenarios.md says how
compare-built-in = of the built-in scenarios, { $names } { $count ->
    [one] compares
   *[other] compare
} HTTP and messaging
compare-seed = With seed { $seed }:
compare-sent = orders
compare-answered = answered well
compare-failed = failed for their users
compare-waiting = users who wait
compare-done = done
compare-done-though-failed = done though told failed
compare-partly-done = half done
compare-to-do = accepted, to do
compare-lost = accepted, lost
compare-duplicates = work done once more
compare-in-time = done in time
compare-wait-p50 = user waits, median
compare-wait-p95 = user waits, 95 %
compare-wait-p99 = user waits, 99 %
compare-done-p50 = work done after, median
compare-done-p95 = work done after, 95 %
compare-done-p99 = work done after, 99 %
compare-done-max = work done after, longest
compare-held = workers held
compare-goodput = done a second
compare-requests = HTTP requests
compare-messages = messages
compare-deliveries = deliveries
compare-retries = tries after the first
compare-told = told { $outcome }
compare-service-held = { $service }: workers held
compare-service-worked = { $service }: worked
compare-service-failed = { $service }: failed

## `leveret serve`

serve-ready = listening on { $address }
serve-opened = { $name } is connected from { $address } as { $user }
serve-closed = { $name } is gone ({ $address })
serve-left = { $address } left before its connection was open
serve-no-port = nobody can listen on { $address }; is another broker running there? Choose another place with --listen
serve-no-threads = this machine gives no threads to listen with
serve-recorded = all is in { $file }; it opens like a scenario

record-own = the temporary file of this recording
record-exists = { $file } is there already, and nothing was written to it. Give the recording another name, or replace the file with --overwrite
record-no-recording = { $file } is no recording, so it is not replaced. Give the recording another name
record-no-file = { $file } is not a file that can be recorded into. Give the name of a file
record-in-use = another Leveret is recording into { $file } now. Give the recording another name
record-full = there is no room left to write { $file }. Make room there, or record to another disk
record-unwritable = { $file } cannot be written ({ $error }). Choose another place
record-silent = { $file } takes nothing. If it is a pipe, start what reads it first; if it is on a network drive, choose another place
record-large = { $file } has reached its limit of { $size } MB
record-waits = { $file } takes nothing any more. Find out what holds it up: up to { $size } MB wait for it, then the recording ends
record-goes-on = { $file } is written again, and nothing is missing
record-ended = The recording has ended: { $why }. What came up to { $until } is in it; what comes from now on is not. Clients are served as before

## Recordings

recording-teaches = What programs did that connected to the broker.
live-teaches = What your own programs do, as it happens.
live-about = Programs connect to the broker in this window, and are seen as they come. Pause and go back at any time: they go on meanwhile, and “Back to now” shows what they do by then.
recording-about = A recording of real clients: it happens again as it happened, and can be stepped through.
recording-broken-hint = make it again with: leveret serve --record FILE
recording-damaged = { $count ->
    [one] 1 octet cannot be read (octet { $octet })
   *[other] { $count } octets cannot be read (from octet { $octet } on)
}: the file is damaged there. What happened next after { $after } is missing; what follows is shown.
recording-broken-off = { $count ->
    [one] the last octet cannot be read
   *[other] the last { $count } octets cannot be read (from octet { $octet } on)
}: the file breaks off, or is damaged there. What happened up to { $after } is shown.
recording-unsound = { $count ->
    [one] 1 record is left out (at octet { $octet })
   *[other] { $count } records are left out (the first at octet { $octet })
}: { $why }
recording-unsound-time = time would go back, or leap ahead
recording-unsound-unknown = the file does not say when connection { $number } was made
recording-unsound-again = connection { $number } is there already
recording-unsound-vhost = the server had no virtual host “{ $name }”
recording-unsound-delay = deliveries would be on their way for ever
recording-more-left-out = { $count ->
    [one] in 1 more place, something is left out
   *[other] in { $count } more places, something is left out
}
recording-several-vhosts = several virtual hosts were used: { $names }
recording-no-vhost = there was no virtual host “{ $name }”
recording-no-vhost-hint = there were: { $names }

## Real clients

live = Live
live-tip = Serve real programs: a broker that they connect to instead of RabbitMQ ({ $key })
live-at = Live at { $address }
live-on-tip = Real programs connect to { $address }
live-look = Look at what programs do
live-network = Open to the network…
live-network-close = Close to the network
live-lesson = Show the address and the password
live-stop = Stop serving
live-now = now
live-to-now = Back to now
live-none = this build serves no real programs; build it with the feature “live”
live-failed = That did not work: { $why }
live-saved = All that programs did so far is in { $file }. It opens like a scenario.
live-saved-until = What programs did up to { $until } is in { $file }. The recording ended there; what came later is not in it.
live-not-saved = { $file } was not written ({ $error }). Choose another place
live-recording-ended = { $told }. Save it now if you need it; to record on, stop serving and go live again.
live-title = Real programs
live-waiting = Waiting for programs
live-welcome-address = Connect to { $address }
live-welcome-guest = user guest, password guest, virtual host /
live-welcome-lesson = under your own name, with the password { $password }
live-welcome-taken = Another broker has AMQP’s usual port; here it is { $port }.
live-welcome-how = Anything that speaks AMQP 0-9-1 will do. It appears here as soon as it connects.
lesson-title = Connect to this computer
lesson-host = host
lesson-port = port
lesson-password = password
lesson-name = as the user, take your own name
lesson-code = pika.ConnectionParameters("{ $host }"{ $port },
    credentials=pika.PlainCredentials("your name", "{ $password }"))
live-code = connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
live-code-port = connection = pika.BlockingConnection(pika.ConnectionParameters("{ $host }", { $port }))
save-title = Save what programs did
save-filter = Recordings
save-name = my-programs.leveret
hand-delay = Delay deliveries
hand-delay-none = Not at all

## Frames

frames-button = Frames
frames-tip = All that was said on this connection, frame by frame
frames-title = Frames of { $name }
frames-close = Close the frames
frames-none = Nothing was said on this connection yet.
frames-select = Select a frame to see what is in it, and what it led to.
frames-by-client = The client says
frames-by-server = The broker says
frames-octets = { $name } · { $count } octets
