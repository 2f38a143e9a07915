# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kalshi_bot_global_optspecs
    string join \n v/verbose h/help V/version
end

function __fish_kalshi_bot_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kalshi_bot_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kalshi_bot_using_subcommand
    set -l cmd (__fish_kalshi_bot_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -s V -l version -d 'Print version'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "paper" -d 'Trade generated or recorded markets with paper money'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "resume" -d 'Clear the halts of a paper account that only a person may clear'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "keygen-check" -d 'Check the private key and whether the exchange takes it, or make a new one'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "sim" -d 'Serve a simulated exchange on this machine'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "config" -d 'Check or show the configuration'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c kalshi-bot -n "__fish_kalshi_bot_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l seed -d 'Seed of the generated markets: the same seed gives the same markets, orders and report [default: paper.seed of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l markets -d 'How many markets are generated [default: paper.markets of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l speed -d 'Simulated seconds per second, or `max` for as fast as it goes [default: paper.speed of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l for -d 'End after this much simulated time, such as 90s, 30m or 6h [default: paper.hours of the configuration; recordings run to their end]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l replay -d 'Replay these recordings instead of generating markets: files, or folders of them' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l capital -d 'Paper capital at the start, in dollars [default: paper.capital of the configuration]' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l state-dir -d 'Where the run\'s trades are kept [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -l output -d 'The report\'s form. With `json` nothing but one document goes to standard output' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand paper" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -l state-dir -d 'The account\'s folder [default: state.dir of the configuration]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand resume" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l key -d 'The private key\'s file [default: the one that the configuration names]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l new -d 'Make a new key instead: the private one goes to this file, which must not exist, the public one is printed' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l kind -d 'Kind of the new key: Ed25519 signs more than ten times faster' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 2,048 bits'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l api-url -d 'Speak to this exchange instead, such as the URL that `kalshi-bot sim` prints; its stream is found beside it' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l offline -d 'Look at the key alone; send nothing'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -l production -d 'Speak to the production exchange, where money is real, instead of the demo exchange'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand keygen-check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l listen -d 'Where to listen; port 0 takes a free one' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l seed -d 'Seed of the generated markets' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l markets -d 'How many markets are generated' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l mix -d 'Which markets are generated' -r -f -a "varied\t'Several series and categories, from quiet to fast'
quarter-hour\t'Fifteen-minute markets alone, all opening at the start'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l replay -d 'Replay these recordings instead of generating markets: files, or folders of them' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l quiet-markets -d 'Markets listed beside those, in which nothing happens' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l speed -d 'Simulated seconds per second' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l cash -d 'The account\'s cash on shard 0, in dollars' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l cash-shard -d 'Cash on another shard, such as 2=500; can be given more than once' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l tier -d 'How much the account may ask' -r -f -a "basic\t''
advanced\t''
expert\t''
premier\t''
paragon\t''
prime\t''
prestige\t''
unlimited\t''"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l settlement-timer -d 'Seconds between a market\'s result and its payout' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l public-key -d 'The account\'s public key in PEM, instead of a key made here' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l key-id -d 'The id of that key' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l key-kind -d 'What kind of key is made' -r -f -a "ed25519\t'Ed25519'
rsa\t'RSA of 2,048 bits'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l state-dir -d 'Where the key is kept and found again [default: a fresh folder that goes with the exchange]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l drop-sockets-every -d 'Break every WebSocket connection each N seconds' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l skip-sequence-every -d 'Leave a sequence number out before every Nth frame' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l delay-ms -d 'Answer every request N milliseconds late' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l lose-order-answer-every -d 'Take every Nth order and break the connection instead of answering' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l server-error-every -d 'Answer every Nth request with 503, without doing anything' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l rate-limit-every -d 'Answer every Nth request with 429, without doing anything' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l clock-skew -d 'Set the exchange\'s wall clock N seconds ahead, or behind if negative' -r
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -l duplicate-fills -d 'Send every fill frame twice'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand sim" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -s h -l help -d 'Print help'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "check" -d 'Report every fault of the configuration, or say that it is sound'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "show" -d 'Show every value in force and where it was set. Secrets are never shown'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and not __fish_seen_subcommand_from check show help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Configuration file, laid over the built-in defaults' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -l markets-file -d 'File of overrides for series and categories [default: markets.toml beside the configuration file]' -r -F
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -l output -d 'The form of the result' -r -f -a "table\t'For people'
json\t'For programs; decimals are strings'"
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "check" -d 'Report every fault of the configuration, or say that it is sound'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show every value in force and where it was set. Secrets are never shown'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand completions" -s v -l verbose -d 'Log more: once for the steps, twice for the details, three times for everything'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper resume keygen-check sim config completions help" -f -a "paper" -d 'Trade generated or recorded markets with paper money'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper resume keygen-check sim config completions help" -f -a "resume" -d 'Clear the halts of a paper account that only a person may clear'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper resume keygen-check sim config completions help" -f -a "keygen-check" -d 'Check the private key and whether the exchange takes it, or make a new one'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper resume keygen-check sim config completions help" -f -a "sim" -d 'Serve a simulated exchange on this machine'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper resume keygen-check sim config completions help" -f -a "config" -d 'Check or show the configuration'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper resume keygen-check sim config completions help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and not __fish_seen_subcommand_from paper resume keygen-check sim config completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "check" -d 'Report every fault of the configuration, or say that it is sound'
complete -c kalshi-bot -n "__fish_kalshi_bot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Show every value in force and where it was set. Secrets are never shown'
