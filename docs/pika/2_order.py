# Orders coffee: one message for each word.  python 2_order.py espresso.. latte...
# Each dot is a second of work.
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "waiter"}))
channel = connection.channel()

# The queue is durable and the messages are persistent: both survive a restart of the broker.
channel.queue_declare("orders", durable=True)

for coffee in sys.argv[1:] or ["espresso.", "latte...", "galao..", "macchiato."]:
    channel.basic_publish(
        exchange="",
        routing_key="orders",
        body=coffee,
        properties=pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent),
    )
    print("ordered:", coffee)

connection.close()
