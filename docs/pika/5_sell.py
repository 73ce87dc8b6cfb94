# Sells something. The key says where and what.  python 5_sell.py it.book Dante
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "shop"}))
channel = connection.channel()

channel.exchange_declare("sales", exchange_type="topic")

key = sys.argv[1] if len(sys.argv) > 1 else "pt.book"
what = " ".join(sys.argv[2:]) or "Os Lusiadas"
channel.basic_publish(exchange="sales", routing_key=key, body=what)
print("sold:", key, what)

connection.close()
