# Answers what some coffees cost.  python 6_cashier.py [how many]
# It ends after so many questions, or when none has come for a minute.
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "cashier"}))
channel = connection.channel()
left = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
prices = {"espresso": 110, "macchiato": 130, "galao": 160, "latte": 240}

channel.queue_declare("prices")
channel.basic_qos(prefetch_count=1)
print("waiting for questions")

for method, properties, body in channel.consume("prices", inactivity_timeout=60):
    if method is None:
        break
    cents = sum(prices.get(coffee, 0) for coffee in body.decode().split())
    channel.basic_publish(
        exchange="",
        routing_key=properties.reply_to,  # the queue of who asked
        body=f"{cents / 100:.2f} euro",
        properties=pika.BasicProperties(correlation_id=properties.correlation_id),
    )
    channel.basic_ack(method.delivery_tag)
    print("answered:", body.decode(), "=", f"{cents / 100:.2f}")
    left -= 1
    if left == 0:
        break

connection.close()
