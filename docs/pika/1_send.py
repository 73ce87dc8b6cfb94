# Sends one message to a queue.  python 1_send.py [text]
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "sender"}))
channel = connection.channel()

channel.queue_declare("hello")

text = " ".join(sys.argv[1:]) or "Hello, hare!"
channel.basic_publish(exchange="", routing_key="hello", body=text)
print("sent:", text)

connection.close()
