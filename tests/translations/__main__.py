from babel.messages.catalog import Catalog

from tests.translations import catalogue
from tests.translations.sources import messages

found = catalogue.completed(catalogue.read() if catalogue.PO.exists() else Catalog(), messages())
catalogue.PO.write_bytes(catalogue.as_po(found))
catalogue.MO.write_bytes(catalogue.as_mo(found))
for message in found:
    if message.id and not message.string:
        print(message.id)
