# Listens to all announcements. Start two of them.  python 3_listen.py [how many]
# It ends after so many messages, or when none has come for a minute.
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "listener"}))
channel = connection.channel()
left = int(sys.argv[1]) if len(sys.argv) > 1 else 1000

channel.exchange_declare("news", exchange_type="fanout")

# A queue of my own: the broker gives it a name, and it goes when I go.
queue = channel.queue_declare("", exclusive=True).method.queue
channel.queue_bind(queue, "news")
print("listening")

for method, properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=60):
    if method is None:
        break
    print("heard:", body.decode())
    left -= 1
    if left == 0:
        break

connection.close()
