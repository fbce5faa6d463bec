"""The assistant's words: what a message asks for (`intents`), how an answer is put
(`wording`), what is offered to whom (`offers`). Pure.

`services/talk/chat.py` has it answered from the asking user's own data.
"""
