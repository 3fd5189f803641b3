/*
 * notify - tells systemd how a service does (sd_notify(3)), without its library: one datagram to $NOTIFY_SOCKET
 *
 * Nothing happens where that is not set. A pipeline of a shell needs NotifyAccess=all in its unit.
 */
#ifndef LODE_NOTIFY_H
#define LODE_NOTIFY_H

/* Lines such as "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=text". Failures are passed over: a service does not end of them. */
void notify_send(const char *lines);

#endif
