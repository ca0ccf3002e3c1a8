"""What the audit log tells of: each action by its name, and in words for people."""

ACTIONS: dict[str, str] = {
    "signed.in": "Signed in",
    "session.confirmed": "Confirmed who they are",
    "session.ended": "Session ended",
    "sessions.ended": "All sessions ended",
    "password.changed": "Password changed",
    "email.changed": "E-mail address changed",
    "email.verified": "E-mail address verified",
    "user.added": "Account made",
    "user.registered": "Registered",
    "user.approved": "Let in",
    "user.refused": "Not let in",
    "user.renamed": "Display name changed",
    "user.role": "Role changed",
    "user.disabled": "Account disabled",
    "user.enabled": "Account enabled",
    "user.deleted": "Account deleted",
    "user.exported": "Own data exported",
    "second.on": "Second factor set up",
    "second.off": "Second factor turned off",
    "second.codes": "New recovery codes made",
    "second.recovered": "Recovery code used",
    "second.locked": "Second factor locked after wrong codes",
    "second.reset": "Second factor reset",
    "bot.added": "Bot made",
    "bot.owner": "Made owner of a bot",
    "identity.linked": "Account at a provider linked",
    "identity.unlinked": "Account at a provider unlinked",
    "identity.offered": "Link made to link an account at a provider",
    "passkey.added": "Passkey added",
    "passkey.removed": "Passkey removed",
    "passkey.refused": "Passkey refused that may have been copied",
    "invite.made": "Invitation made",
    "invite.used": "Invitation used",
    "invite.revoked": "Invitation revoked",
    "reset.made": "Reset link made",
    "reset.used": "Reset link used",
    "token.made": "API token made",
    "token.revoked": "API token revoked",
    "message.removed": "Message removed",
    "option.changed": "Option changed",
    "backup.made": "Backup made",
    "backup.downloaded": "Backup downloaded",
    "backup.broken": "Download of a backup broken off",
    "backup.restored": "Backup restored",
}
# What anybody could cause as often as they like: lines of the log alone, or the audit log would
# be theirs to fill.
LOGGED_ALONE: dict[str, str] = {
    "sign-in refused": "A sign-in with a wrong name or password, or one too many",
    "sign-in through a provider refused": "What came back from a provider can't be taken; why",
    "passkey refused": "A passkey that is not known, is another's, or has not signed",
    "logout token refused": "Somebody sent a sign-out that is not the provider's",
    "role kept": "A provider said nothing of a role, or would have taken the last admin's",
    "provider away": "A provider did not answer as it should; why",
    "token refused": "A program sent a token that is wrong, expired or revoked",
    "current password refused": "Somebody signed in gave a wrong password to change or confirm",
    "second factor refused": "A code was wrong or used already, or one too many was tried",
    "cross-origin request refused": "Another site's page sent a form, or a proxy is set up wrong",
    "a session that was signed out of stays open": "The database was away; the browser forgot it",
}


def words(action: str) -> str:
    """Return an action in words; one of a later release by its name."""
    return ACTIONS.get(action, action)
