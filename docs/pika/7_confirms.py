# Publishes, and makes sure of it: the broker says for each message whether it has it.
# python 7_confirms.py
import os
import pika
from pika.exceptions import NackError, UnroutableError

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "careful"}))
channel = connection.channel()

channel.confirm_delivery()  # from now on basic_publish waits for the broker's answer

# A queue for two messages that refuses a third.
channel.queue_declare("small", exclusive=True, arguments={"x-max-length": 2, "x-overflow": "reject-publish"})

for queue, text in [("small", "one"), ("small", "two"), ("small", "three"), ("no such queue", "four")]:
    try:
        channel.basic_publish(exchange="", routing_key=queue, body=text, mandatory=True)
        print(text, "- the broker has it")
    except NackError:
        print(text, "- refused: the queue is full")
    except UnroutableError:
        print(text, "- came back: no queue of that name")

connection.close()
