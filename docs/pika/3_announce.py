# Says something to everyone who listens.  python 3_announce.py [text]
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "announcer"}))
channel = connection.channel()

channel.exchange_declare("news", exchange_type="fanout")

text = " ".join(sys.argv[1:]) or "The train leaves at nine."
channel.basic_publish(exchange="news", routing_key="", body=text)
print("announced:", text)

connection.close()
