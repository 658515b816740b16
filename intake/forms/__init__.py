"""What a person typed into one page → answers, or plain sentences that say what to do; nothing typed is lost."""
