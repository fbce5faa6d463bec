"""The core: what every marketplace shares, with no HTTP body and no marketplace's spelling.

domain/        pure values and tables: lifecycles, parties, entities, events
services/      verbs: each decides, through stores, inside one transaction
store/         the only database calls
realtime/      outbox, bus and hub: who hears of a change
gateways/      everything outside the process: mail, SMS, payments
marketplaces/  what each marketplace means
places/        India's pincodes and their coordinates
demo/          the demo marketplace and the walkthrough
bootstrap.py   wires all of it, once
"""
