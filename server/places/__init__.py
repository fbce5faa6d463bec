"""India's pincodes: where each one is, what it is called, which others are near.

    table.py         Places: look-ups over the packaged table, in memory
    globe.py         distance along the globe
    pincodes.csv.gz  the table: one row a pincode, sorted; made by build.py, read by table.py
    build.py         cleans the India Post office list into the table; run by hand when new data appears
    README.md        source, licence, how clean the points are

Nothing here does I/O after the table is read, and nothing here changes after that.
"""
