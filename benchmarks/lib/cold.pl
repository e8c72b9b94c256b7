# Starts a server for one connection and prints the microseconds until the first byte of its answer.
#
#   perl cold.pl PROTOCOL activated COMMAND…    passes the socket as systemd does; the client connects before the start
#   perl cold.pl PROTOCOL spawned COMMAND…      the server binds PORT (replaced in the command); the client tries until it answers
#
# PROTOCOL is http (GET $ENV{PATH_ASKED}) or sftp (its banner). With MEMORY set, prints the resident KiB, MEMORY seconds after the answer.
use strict;
use warnings;
use Fcntl;
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);

my ($protocol, $mode, @command) = @ARGV;
my $request = $protocol eq 'http' ? "GET $ENV{PATH_ASKED} HTTP/1.1\r\nHost: localhost\r\n\r\n" : '';
socket(my $listener, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
bind($listener, pack_sockaddr_in(0, INADDR_LOOPBACK)) or die "bind: $!";
my $address = getsockname($listener);
my ($port) = sockaddr_in($address);
my $client;
if ($mode eq 'activated') {
  listen($listener, 128) or die "listen: $!";
} else {
  close($listener);
  s/\bPORT\b/$port/ for @command;
}

my $from = clock_gettime(CLOCK_MONOTONIC);
ask() if $mode eq 'activated';
my $child = fork() // die "fork: $!";
if ($child == 0) {
  open(STDIN, '<', '/dev/null');
  open(STDOUT, '>>', $ENV{LOG}) and open(STDERR, '>&', \*STDOUT) or die "$ENV{LOG}: $!";
  if ($mode eq 'activated') {
    if (fileno($listener) != 3) {
      require POSIX;
      POSIX::dup2(fileno($listener), 3) or die "dup2: $!";
    } else {
      fcntl($listener, F_SETFD, 0) or die "fcntl: $!";
    }
    @ENV{qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES)} = ($$, 1, $protocol);
  }
  exec(@command) or die "$command[0]: $!";
}
eval {
  local $SIG{ALRM} = sub { die "no answer in 60 s\n" };
  alarm(60);
  if ($mode ne 'activated') {
    sleep(0.0005) until ask();
  }
  sysread($client, my $answer, 65536) or die "no answer: $!\n";
  alarm(0);
  my $to = clock_gettime(CLOCK_MONOTONIC);
  die "it answered $answer\n" unless $answer =~ ($protocol eq 'http' ? qr(^HTTP/1.1 200 ) : qr(^SSH-2.0-));
  if ($ENV{MEMORY}) {
    close($client);
    sleep($ENV{MEMORY});
    open(my $status, '<', "/proc/$child/status") or die "it has ended\n";
    print(map { /^VmRSS:\s+(\d+)/ ? "$1\n" : () } <$status>);
  } else {
    printf("%d\n", ($to - $from) * 1e6);
  }
};
my $problem = $@;
kill('KILL', $child);
waitpid($child, 0);
die "@command: $problem" if $problem;

sub ask {
  socket($client, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
  connect($client, $address) or return 0;
  syswrite($client, $request);
  return 1;
}
