/* pinhole-server.c - the server's main; `pinhole serve` and `pinhole http-request` become it. */
int main(void)
{
	return 1;
}
