# Follows sales. A star stands for one word, # for any number.  python 5_follow.py PATTERN... [how many]
# For instance: python 5_follow.py "it.*" "*.book"   (the quotes keep the shell from reading the star)
# It ends after so many messages, or when none has come for a minute.
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "follower"}))
channel = connection.channel()
patterns = sys.argv[1:] or ["#"]
left = int(patterns.pop()) if patterns[-1].isdigit() else 1000

channel.exchange_declare("sales", exchange_type="topic")
queue = channel.queue_declare("", exclusive=True).method.queue
for pattern in patterns:
    channel.queue_bind(queue, "sales", routing_key=pattern)
print("following:", *patterns)

for method, properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=60):
    if method is None:
        break
    print(method.routing_key, "-", body.decode())
    left -= 1
    if left == 0:
        break

connection.close()
