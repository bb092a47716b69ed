print("hello from the agent")
