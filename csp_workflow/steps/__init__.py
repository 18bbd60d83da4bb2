"""The shell, a short file per step in the order of the quarter.

One rule runs through all of them: a step gathers facts as plain values, asks pure rules, and commits their
decision in one transaction, with the mark at which the facts were gathered (`commit`). Steps never call one
another's work; they meet only in the store. Several workers may beat beside each other: each message and letter is
claimed by one of them, one decides at a time, one sends. `beat.tick` runs the steps in order:

    receive   mailbox -> archive -> message row (raw kept first, committed, then looked at)
    judge     each message -> unpack > classify > open > identify > authenticate > check > decide
    cycle     calendar -> the analyst's request, the proof pack; SEND -> requests; who is late, which approval is
              wanted -> letters; close instant -> not received
    papers    draft date -> the paper; CLEAR, CIRCULATE
    digest    working mornings -> what the co-ordinator must decide
    post      the ONLY sender
"""
