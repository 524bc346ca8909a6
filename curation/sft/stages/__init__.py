"""The stages from passages to pairs, in the order of the data: questions, checks of them, evidence, chains, answers, judge, pairs."""
