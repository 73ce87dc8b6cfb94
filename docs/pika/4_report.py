# Reports the weather of a kind: sun, rain or storm.  python 4_report.py storm Porto
import os
import sys
import pika

port = int(os.environ.get("LEVERET_PORT", 5672))
connection = pika.BlockingConnection(pika.ConnectionParameters(
    "localhost", port, client_properties={"connection_name": "station"}))
channel = connection.channel()

channel.exchange_declare("weather", exchange_type="direct")

kind = sys.argv[1] if len(sys.argv) > 1 else "sun"
where = " ".join(sys.argv[2:]) or "Napoli"
channel.basic_publish(exchange="weather", routing_key=kind, body=where)
print("reported:", kind, where)

connection.close()
