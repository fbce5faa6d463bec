"""What the sides of a dispute write to each other."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from server import clock
from server.domain.disputes import Attachment, Dispute, DisputeMessage, DisputeNews, MessageKind
from server.domain.paging import Listed, Paging
from server.domain.parties import Caller
from server.errors import Conflict, NotFound
from server.services.audit import Audit
from server.services.disputes.dispute_cases import DisputeCases
from server.services.files.uploads import PDF, Uploads
from server.store.database import Database
from server.store.disputes import DisputeMessages, Disputes
from server.store.users import Users

MOST_MESSAGES = 500
"""A dispute's; more than any talk needs, and an end to filling the disk."""


class DisputeTalk:
    """A party writes to the other one, a mediator to both; everybody concerned hears of it."""

    def __init__(
        self,
        database: Database,
        messages: DisputeMessages,
        users: Users,
        cases: DisputeCases,
        uploads: Uploads,
        audit: Audit,
    ) -> None:
        self._database, self._messages, self._users = database, messages, users
        self._cases, self._uploads, self._audit = cases, uploads, audit

    async def messages(self, caller: Caller, dispute_id: str, paging: Paging) -> Listed[DisputeMessage]:
        """Give one page, oldest first; what is for the caller on it counts as read; raises NotFound."""
        await self._cases.get(caller, dispute_id)
        listed = await self._messages.of(dispute_id, paging)
        reader = caller.user_id
        unread = [one.id for one in listed.items if reader in one.unread_by]
        if unread:
            turns = [Disputes.turn(dispute_id)]
            await self._database.together(lambda: self._mark_read(caller, dispute_id, unread), turns)
        return listed.map(lambda one: one.read_by(reader))

    async def send(
        self,
        caller: Caller,
        dispute_id: str,
        kind: MessageKind | None,
        content: str,
        attachment: Path | None,
    ) -> DisputeMessage:
        """Write to the other side.

        kind : None means what the attachment is
        raises : NotFound, InvalidMove once it is settled, Conflict when there are too many, Invalid, Busy
        """
        dispute = await self._with_room(caller, dispute_id)
        sender = await self._users.get(caller.user_id)
        if sender is None:
            raise NotFound("User not found")
        kept = await self._keep(caller, attachment)
        recipients = _recipients(dispute, caller)
        message = DisputeMessage(
            id=str(uuid4()),
            dispute_id=dispute.id,
            sender_id=sender.id,
            sender_name=sender.name,
            recipient_ids=tuple(recipients),
            recipient_name=", ".join(recipients.values()),
            kind=kind or _kind_of(kept),
            content=content,
            created_at=clock.now(),
            unread_by=tuple(recipients),
            attachment=kept,
        )
        await self._database.together(lambda: self._write(caller, message), [Disputes.turn(dispute_id)])
        return message

    async def _mark_read(self, caller: Caller, dispute_id: str, message_ids: Sequence[str]) -> None:
        """Mark as read, and have everybody concerned hear how many are left."""
        new = await self._messages.mark_read(message_ids, caller.user_id)
        if new:
            dispute = await self._cases.claim(await self._cases.get(caller, dispute_id))
            self._audit.mention(None, DisputeNews(dispute, read=tuple(new)))

    async def _write(self, caller: Caller, message: DisputeMessage) -> None:
        dispute = await self._with_room(caller, message.dispute_id)
        await self._messages.insert(message)
        after = replace(dispute, messages_count=dispute.messages_count + 1)
        await self._cases.write(caller, dispute, after, "message")
        self._audit.mention(None, DisputeNews(dispute, said=message))
        await self._cases.tell(
            caller,
            after,
            dispute.concerned,
            "dispute_message",
            message.content,
            message_id=message.id,
            sender_name=message.sender_name,
            message_type=message.kind,
            content=message.content,
        )

    async def _with_room(self, caller: Caller, dispute_id: str) -> Dispute:
        dispute = await self._cases.get(caller, dispute_id)
        dispute.check_unsettled()
        if dispute.messages_count >= MOST_MESSAGES:
            raise Conflict(f"A dispute has at most {MOST_MESSAGES} messages.")
        return dispute

    async def _keep(self, caller: Caller, attachment: Path | None) -> Attachment | None:
        if attachment is None:
            return None
        kept = await self._uploads.document(caller, "disputes", attachment, "attachment")
        return Attachment(kept.key, kept.content_type, kept.size_bytes)


def _recipients(dispute: Dispute, caller: Caller) -> dict[int, str]:
    """Give whom a message of the caller is for, by id."""
    parties = {dispute.customer_id: dispute.customer_name, dispute.provider_id: dispute.provider_name}
    return {id: name for id, name in parties.items() if id != caller.user_id}


def _kind_of(attachment: Attachment | None) -> MessageKind:
    if attachment is None:
        return MessageKind.TEXT
    return MessageKind.DOCUMENT if attachment.content_type == PDF else MessageKind.IMAGE
