# Times a client whose connection starts the server, from the client's start to its end. Prints microseconds, or with MEMORY set the resident KiB of the
# server, MEMORY seconds after the client has ended.
#
#   perl cold.pl PORT activated NAMES SERVER… -- CLIENT…   starts SERVER when the client connects, and passes it a socket for each NAME (joined with ':')
#   perl cold.pl PORT accepted NAMES SERVER… -- CLIENT…    starts SERVER with the accepted connection as standard input and output (Accept=yes)
#   perl cold.pl PORT spawned NAMES SERVER… -- CLIENT…     starts SERVER, which binds PORT itself; then, once it accepts, the client
#   perl cold.pl PORT unit NAMES SERVICE -- CLIENT…        systemd starts SERVICE when the client connects; it is stopped afterwards
#
# The first socket has 127.0.0.1:PORT. CLIENT is a command, or "first-byte REQUEST PATTERN", which sends REQUEST and expects an answer that matches PATTERN.
use strict;
use warnings;
use Fcntl;
use POSIX ();
use Socket;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC sleep);

my ($port, $mode, $names, @rest) = @ARGV;
my ($dashes) = grep { $rest[$_] eq '--' } 0 .. $#rest;
my @server = @rest[0 .. $dashes - 1];
my @client = @rest[$dashes + 1 .. $#rest];
my $patience = 20;

my @listeners = map { listener($_) } $mode eq 'activated' ? ($port, (0) x (() = $names =~ /:/g)) : $mode eq 'accepted' ? $port : ();
my ($server, $status);
my $from = clock_gettime(CLOCK_MONOTONIC);
if ($mode eq 'spawned') {
  $server = child(sub { exec(@server) });
  sleep(0.0005) until answers() or clock_gettime(CLOCK_MONOTONIC) > $from + $patience;
}
my $client = child(sub { $client[0] eq 'first-byte' ? first_byte(@client[1, 2]) : exec(@client) });
if (@listeners) {
  my $readable = '';
  vec($readable, fileno($listeners[0]), 1) = 1;
  select($readable, undef, undef, $patience) or fail("no client connected");
  if ($mode eq 'activated') {
    $server = child(sub { pass(@listeners); exec(@server) });
  } else {
    accept(my $connection, $listeners[0]) or fail("accept: $!");
    $server = child(sub { POSIX::dup2(fileno($connection), $_) for 0, 1; exec(@server) });
  }
}
local $SIG{ALRM} = sub { fail("the client did not end in $patience s") };
alarm($patience);
waitpid($client, 0);
$status = $?;
alarm(0);
my $to = clock_gettime(CLOCK_MONOTONIC);
fail("the client ended with status " . ($status >> 8)) if $status;
if ($ENV{MEMORY}) {
  sleep($ENV{MEMORY});
  my $process = $mode eq 'unit' ? `systemctl show --property=MainPID --value $server[0]` : $server;
  chomp($process);
  open(my $file, '<', "/proc/$process/status") or fail("the server has ended");
  print(map { /^VmRSS:\s+(\d+)/ ? "$1\n" : () } <$file>);
} else {
  printf("%d\n", ($to - $from) * 1e6);
}
end();

sub listener {
  my ($number) = @_;
  socket(my $socket, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
  setsockopt($socket, SOL_SOCKET, SO_REUSEADDR, 1) or die "setsockopt: $!";
  bind($socket, pack_sockaddr_in($number, INADDR_LOOPBACK)) or die "bind: $!";
  listen($socket, 128) or die "listen: $!";
  return $socket;
}

sub child {
  my ($what) = @_;
  my $process = fork() // die "fork: $!";
  return $process if $process;
  setpgrp();
  open(STDIN, '<', '/dev/null');
  open(STDOUT, '>>', $ENV{LOG}) and open(STDERR, '>&', \*STDOUT) or die "$ENV{LOG}: $!";
  $what->();
  POSIX::_exit(127);
}

# As systemd does, and as nginx expects from its predecessor.
sub pass {
  my @high = map { fcntl($_, F_DUPFD, 100) } @_;
  POSIX::dup2($high[$_], 3 + $_) for 0 .. $#high;
  POSIX::close($_) for @high;
  @ENV{qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES NGINX)} = ($$, scalar(@high), $names, join('', map { 3 + $_ . ';' } 0 .. $#high));
}

sub connected {
  socket(my $socket, AF_INET, SOCK_STREAM, 0) or die "socket: $!";
  return connect($socket, pack_sockaddr_in($port, INADDR_LOOPBACK)) ? $socket : undef;
}

sub answers { return defined(connected()) }

sub first_byte {
  my ($request, $pattern) = @_;
  my $socket = connected() or die "connect: $!";
  syswrite($socket, $request) if length($request);
  sysread($socket, my $answer, 65536) or die "no answer: $!";
  $answer =~ /^$pattern/ or die "it answered $answer";
  POSIX::_exit(0);
}

sub end {
  system('systemctl', 'stop', $server[0]) if $mode eq 'unit';
  if ($server) {
    kill('KILL', -$server, $server);
    waitpid($server, 0);
  }
}

sub fail {
  my ($problem) = @_;
  kill('KILL', $client) if $client;
  end();
  die "@server: $problem\n";
}
