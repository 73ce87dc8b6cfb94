# Makes the coffee that was ordered. Start two of them.  python 2_barista.py [how many]
# It ends after so many orders, or when none has come for a minute.
import os
import sys
import time
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "barista"}))
channel = connection.channel()
left = int(sys.argv[1]) if len(sys.argv) > 1 else 1000

channel.queue_declare("orders", durable=True)
channel.basic_qos(prefetch_count=1)  # only one order at a time, so that the others go to who is free
print("waiting for orders")

for method, properties, body in channel.consume("orders", inactivity_timeout=60):
    if method is None:
        break
    coffee = body.decode()
    print("making:", coffee)
    time.sleep(coffee.count("."))
    print("done:", coffee)
    channel.basic_ack(method.delivery_tag)  # only now may the broker forget it
    left -= 1
    if left == 0:
        break

connection.close()
