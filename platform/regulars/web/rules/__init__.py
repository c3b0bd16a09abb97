"""The pages where head office sees and changes what the industry declared, and the policies."""
