# Prints what comes to a queue.  python 1_receive.py [how many]
# It ends after so many messages, or when none has come for a minute.
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "receiver"}))
channel = connection.channel()
left = int(sys.argv[1]) if len(sys.argv) > 1 else 1000

channel.queue_declare("hello")
print("waiting for messages")

for method, properties, body in channel.consume("hello", auto_ack=True, inactivity_timeout=60):
    if method is None:
        break  # a minute of silence
    print("received:", body.decode())
    left -= 1
    if left == 0:
        break

connection.close()
