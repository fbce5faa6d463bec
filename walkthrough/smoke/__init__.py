"""Every documented call against a running server with demo data, by the right people and by the wrong ones.

    run.py        which marketplaces, and what is printed
    checking.py   one call and what is expected of it; every outcome is kept
    shapes.py     what an answer has to have
    schema.py     the same, told by an OpenAPI schema
    alist.py      A-List: who may call what, and the stories of
        alist_accounts.py, alist_business.py, alist_visits.py, alist_talk.py, alist_money.py,
        alist_news.py
    homeserve.py  HomeServe: every row that is read

It leaves new accounts and what they did behind, so that it may be run again and again.
"""
