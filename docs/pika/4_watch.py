# Watches some kinds of weather.  python 4_watch.py KIND... [how many]
# For instance: python 4_watch.py rain storm
# It ends after so many messages, or when none has come for a minute.
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "watcher"}))
channel = connection.channel()
kinds = sys.argv[1:] or ["storm"]
left = int(kinds.pop()) if kinds[-1].isdigit() else 1000

channel.exchange_declare("weather", exchange_type="direct")
queue = channel.queue_declare("", exclusive=True).method.queue
for kind in kinds:
    channel.queue_bind(queue, "weather", routing_key=kind)  # one binding for each kind
print("watching:", *kinds)

for method, properties, body in channel.consume(queue, auto_ack=True, inactivity_timeout=60):
    if method is None:
        break
    print(method.routing_key, "in", body.decode())
    left -= 1
    if left == 0:
        break

connection.close()
