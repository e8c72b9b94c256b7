package dev.mooring.ftp.internal;

import dev.mooring.ftp.FtpSettings;
import dev.mooring.protocol.PemIdentity;
import dev.mooring.share.ClientLog;
import dev.mooring.share.ClientText;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.apache.mina.core.service.IoHandlerAdapter;
import org.apache.mina.core.session.AttributeKey;
import org.apache.mina.core.session.IdleStatus;
import org.apache.mina.core.session.IoSession;
import org.apache.mina.filter.FilterEvent;
import org.apache.mina.filter.ssl.SslEvent;
import org.apache.mina.filter.ssl.SslFilter;

/** Control connections: how many there are, and what comes over them. */
final class Control extends IoHandlerAdapter {

    private static final Logger LOG = System.getLogger(Control.class.getName());
    private static final AttributeKey ENGINE = new AttributeKey(Control.class, "engine");
    private static final AttributeKey CONVERSATION = new AttributeKey(Control.class, "conversation");

    private final ClientLog turnedAway = new ClientLog(LOG);
    private final ClientLog brokenOff = new ClientLog(LOG);
    private final FtpEngine engine;
    private final Set<Conversation> conversations = ConcurrentHashMap.newKeySet();
    private final Map<InetAddress, Integer> addresses = new HashMap<>();

    Control(FtpEngine engine) {
        this.engine = engine;
    }

    /** The conversation over a connection. */
    static Conversation of(IoSession session) {
        return (Conversation) session.getAttribute(CONVERSATION);
    }

    @Override
    public void sessionCreated(IoSession session) {
        session.setAttribute(CONVERSATION, new Conversation(engine, session));
        PemIdentity identity = engine.identity();
        if (engine.settings().tls() == FtpSettings.Tls.IMPLICIT && identity != null) {
            of(session).secure(identity.context());
        }
    }

    @Override
    public void sessionOpened(IoSession session) throws SocketException {
        // A client sends the Telnet codes before ABOR as urgent data (RFC 959 section 4.1.3); a byte of them must not
        // vanish.
        ControlProcessor.channel(session).socket().setOOBInline(true);
        Conversation conversation = of(session);
        FtpSettings settings = engine.settings();
        final int here;
        final int all;
        synchronized (addresses) {
            here = addresses.merge(conversation.peer(), 1, Integer::sum);
            conversations.add(conversation);
            all = conversations.size();
        }
        if (all > settings.sessions() || here > settings.sessionsPerAddress()) {
            turnedAway.log(
                    Level.WARNING,
                    conversation.peer(),
                    () -> engine.name() + " turned " + conversation.peer().getHostAddress() + " away: there are "
                            + (all > settings.sessions()
                                    ? "sessions = " + settings.sessions()
                                    : "sessions.per.address = " + settings.sessionsPerAddress()));
            conversation.dismiss("Too many connections" + (all > settings.sessions() ? "" : " from your address")
                    + "; try again later.");
        } else {
            conversation.reply(220, "Ready.");
        }
    }

    @Override
    public void messageReceived(IoSession session, Object message) {
        of(session).received((Request) message);
    }

    @Override
    public void sessionIdle(IoSession session, IdleStatus status) {
        of(session).idle();
    }

    @Override
    public void sessionClosed(IoSession session) {
        Conversation conversation = of(session);
        synchronized (addresses) {
            if (conversations.remove(conversation)) {
                addresses.computeIfPresent(conversation.peer(), (peer, count) -> count == 1 ? null : count - 1);
            }
        }
        conversation.closed();
        engine.traffic().disconnected();
    }

    @Override
    public void exceptionCaught(IoSession session, Throwable cause) {
        if (cause instanceof IOException || session.isClosing()) {
            LOG.log(Level.DEBUG, "The client has gone, or has sent what is no TLS", ClientText.trace(cause));
        } else {
            brokenOff.log(
                    Level.ERROR,
                    of(session).peer(),
                    () -> engine.name() + " broke off a session with " + session.getRemoteAddress() + ": "
                            + ClientText.sentence(cause));
            LOG.log(Level.DEBUG, "Where it happened", ClientText.trace(cause));
        }
        session.closeNow();
    }

    /** A filter that encrypts a connection. */
    static SslFilter tls(SSLContext context) {
        return new SslFilter(context) {
            @Override
            protected SSLEngine createEngine(IoSession session, InetSocketAddress client) {
                SSLEngine engine = PemIdentity.engine(context);
                session.setAttribute(ENGINE, engine);
                return engine;
            }
        };
    }

    @Override
    public void event(IoSession session, FilterEvent event) {
        if (event == SslEvent.SECURED && session.removeAttribute(ENGINE) instanceof SSLEngine engine) {
            PemIdentity.secured(engine);
        }
    }

    /** The address of a peer, or of ours. */
    static InetAddress address(java.net.SocketAddress address) {
        return ((InetSocketAddress) address).getAddress();
    }

    /** Dismisses idle clients. */
    void dismissIdle() {
        conversations.forEach(Conversation::dismissIfIdle);
    }

    /** Dismisses everybody, and breaks off those who do not go in time. */
    void close(long millis) {
        long deadline = System.currentTimeMillis() + millis;
        conversations.forEach(conversation -> conversation.dismiss("The server stops; try again in a moment."));
        for (Conversation conversation : conversations) {
            if (!conversation.awaitClosed(Math.max(1, deadline - System.currentTimeMillis()))) {
                conversation.breakOff();
            }
        }
    }
}
