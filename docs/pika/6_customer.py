# Asks what some coffees cost, and waits for the answer.  python 6_customer.py espresso latte
import os
import sys
import uuid
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "customer"}))
channel = connection.channel()

answers = channel.queue_declare("", exclusive=True).method.queue
question = str(uuid.uuid4())  # tells my answer from other answers
text = " ".join(sys.argv[1:]) or "espresso latte"

channel.basic_publish(
    exchange="",
    routing_key="prices",
    body=text,
    properties=pika.BasicProperties(reply_to=answers, correlation_id=question),
)
print("asked:", text)

for method, properties, body in channel.consume(answers, auto_ack=True, inactivity_timeout=10):
    if method is None:
        print("nobody answered")
        break
    if properties.correlation_id == question:
        print("answer:", body.decode())
        break

connection.close()
