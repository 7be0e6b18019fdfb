//! What the processes of one user share: turns, and values that the kernel keyring lends for a limited time.
